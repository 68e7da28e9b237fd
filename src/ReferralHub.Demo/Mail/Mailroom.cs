using System.Buffers;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.ComponentModel;
using SmtpServer.Net;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace ReferralHub.Demo.Mail;

/// <summary>
/// A mail server on this machine that puts what it takes into mailboxes: one Maildir an address, one file a mail, as the
/// mail programs of a Debian machine read them.
/// </summary>
internal sealed class Mailroom : IAsyncDisposable
{
    private readonly string _root;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _run;

    private Mailroom(string root, X509Certificate2? certificate, bool implicitTls, (string User, string Password)? account)
    {
        _root = root;
        var options = new SmtpServerOptionsBuilder().ServerName("localhost").Endpoint(endpoint =>
        {
            endpoint.Endpoint(new IPEndPoint(IPAddress.Loopback, 0)).IsSecure(implicitTls).AuthenticationRequired(account is not null);
            if (certificate is not null) endpoint.Certificate(certificate);
        }).Build();
        var services = new ServiceProvider();
        services.Add(new Store(this));
        if (account is { } known) services.Add(new Account(known.User, known.Password));
        var listeners = new EndpointListenerFactory();
        listeners.EndpointStarted += (_, started) => _port.TrySetResult(((IPEndPoint)started.LocalEndPoint).Port);
        services.Add((IEndpointListenerFactory)listeners);
        _run = new SmtpServer.SmtpServer(options, services).StartAsync(_stop.Token);
    }

    public int Port => _port.Task.Result;

    /// <summary>Answers every mail so, while it is set.</summary>
    public SmtpResponse? Refuse { get; set; }

    /// <summary>Opens it; it listens when this returns.</summary>
    /// <param name="root">The folder of all mailboxes.</param>
    /// <param name="certificate">What it shows to those who speak TLS; null for a server that speaks none.</param>
    /// <param name="implicitTls">Whether it speaks TLS from the first byte on.</param>
    /// <param name="account">Who may hand in mail; null for everybody.</param>
    public static async Task<Mailroom> OpenAsync(
        string root, X509Certificate2? certificate = null, bool implicitTls = false, (string User, string Password)? account = null)
    {
        var room = new Mailroom(root, certificate, implicitTls, account);
        if (await Task.WhenAny(room._port.Task, room._run) == room._run) await room._run;
        return room;
    }

    /// <summary>The mails of an address as they came, oldest first.</summary>
    public IReadOnlyList<string> Mails(string address)
    {
        var box = Box(address);
        return Directory.Exists(box) ? [.. Directory.EnumerateFiles(box).Order(StringComparer.Ordinal).Select(File.ReadAllText)] : [];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private string Box(string address) => Path.Combine(_root, address, "new");

    private sealed class Store(Mailroom room) : MessageStore
    {
        private int _number;

        public override async Task<SmtpResponse> SaveAsync(
            ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
        {
            if (room.Refuse is { } refusal) return refusal;
            var name = $"{Interlocked.Increment(ref _number):D6}.mailroom";
            foreach (var address in transaction.To.Select(to => $"{to.User}@{to.Host}".ToLowerInvariant()))
            {
                var box = room.Box(address);
                var tmp = Path.Combine(box, "..", "tmp");
                Directory.CreateDirectory(box);
                Directory.CreateDirectory(tmp);
                Directory.CreateDirectory(Path.Combine(box, "..", "cur"));
                // As Maildir has it: whole, or not there.
                await File.WriteAllBytesAsync(Path.Combine(tmp, name), buffer.ToArray(), cancellationToken);
                File.Move(Path.Combine(tmp, name), Path.Combine(box, name));
            }

            return SmtpResponse.Ok;
        }
    }

    private sealed class Account(string name, string secret) : UserAuthenticator
    {
        public override Task<bool> AuthenticateAsync(ISessionContext context, string user, string password, CancellationToken cancellationToken) =>
            Task.FromResult(user == name && password == secret);
    }
}
