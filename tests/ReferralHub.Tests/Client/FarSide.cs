using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using ReferralHub.Client;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Tests.Client;

/// <summary>The far side of the wire: real TLS and real HTTP over a Unix socket, in place of a hub.</summary>
internal sealed class FarSide : IAsyncDisposable
{
    public const string Host = "hub.test";

    private static readonly Uri Address = new($"https://{Host}/");
    private readonly WebApplication _app;
    private readonly string _folder;

    private FarSide(WebApplication app, string folder) => (_app, _folder) = (app, folder);

    private string Socket => Path.Combine(_folder, "hub");

    public static async Task<FarSide> StartAsync(
        X509Certificate2 server, X509Certificate2? ca, RequestDelegate answer, ClientCertificateMode mode = ClientCertificateMode.NoCertificate)
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("rh-").FullName;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Path.Combine(folder, "hub"), listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = server;
            https.ServerCertificateChain = ca is null ? null : [ca];
            https.SslProtocols = SslProtocols.Tls13;
            https.ClientCertificateMode = mode;
            https.AllowAnyClientCertificate();
        })));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app, folder);
    }

    public HubClient Connect(Digest ca, X509Certificate2? certificate = null, DateTimeOffset? now = null) =>
        new(Address, ca, certificate, new Clock(now ?? Certificates.Start.AddDays(1)), Dial);

    public HubClient Connect(Digest ca, X509Certificate2 certificate, TimeProvider clock) => new(Address, ca, certificate, clock, Dial);

    public Task<byte[]> FetchGenesisAsync(Digest fingerprint) =>
        HubClient.FetchGenesisAsync(Address, fingerprint, new Clock(Certificates.Start.AddDays(1)), Dial, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        System.IO.Directory.Delete(_folder, recursive: true);
    }

    private async ValueTask<Stream> Dial(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), ct);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
