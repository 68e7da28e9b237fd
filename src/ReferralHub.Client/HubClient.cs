using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Client;

/// <summary>
/// The hub's HTTP interface, docs/protocol.md §6, one method a request. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Every method can throw <see cref="HubRefusedException"/> (the hub said no), <see cref="HubUnreachableException"/> (no answer;
/// send it again) and <see cref="HubAnswerException"/> (an answer of the wrong form). It checks the form of what the hub sends
/// and, where the request says so, its digest; signatures and proofs are the caller's to check.
/// </remarks>
public sealed partial class HubClient : IDisposable
{
    /// <summary>The longest that the hub holds a feed request open.</summary>
    public static readonly TimeSpan LongestFeedWait = TimeSpan.FromSeconds(25);

    private const int ProblemBytes = 64 * 1024;
    private const int BufferSize = 64 * 1024;
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;
    private readonly Digest? _ca;
    private readonly TimeProvider _clock;
    private readonly bool _hasCertificate;
    private X509Certificate2Collection? _firstContact;

    /// <summary>Prepares to talk to a hub whose genesis is known. Connects when first needed.</summary>
    /// <param name="hub">Where it is: <c>https://host:port/</c>.</param>
    /// <param name="ca">Its CA, as genesis names it: SHA-256 of the SubjectPublicKeyInfo. No other server is talked to.</param>
    /// <param name="certificate">Who we are, with the private key; null before joining. Stays the caller's and must outlive this.</param>
    /// <param name="clock">The time to judge certificates at.</param>
    /// <exception cref="ArgumentException"><paramref name="hub"/> is not such an address.</exception>
    public HubClient(Uri hub, Digest ca, X509Certificate2? certificate, TimeProvider clock)
        : this(hub, (Digest?)ca, certificate, clock, dial: null)
    {
    }

    internal HubClient(
        Uri hub,
        Digest? ca,
        X509Certificate2? certificate,
        TimeProvider clock,
        Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? dial)
    {
        ArgumentNullException.ThrowIfNull(hub);
        ArgumentNullException.ThrowIfNull(clock);
        if (!hub.IsAbsoluteUri || hub.Scheme != Uri.UriSchemeHttps || hub.PathAndQuery != "/" || hub.UserInfo.Length > 0)
            throw new ArgumentException($"A hub's address is https://host:port/, not '{hub}'.", nameof(hub));

        (_ca, _clock, _hasCertificate) = (ca, clock, certificate is not null);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = ConnectTime,
            ConnectCallback = dial,
            MaxResponseHeadersLength = 16,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            SslOptions =
            {
                EnabledSslProtocols = SslProtocols.Tls13,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = (_, server, chain, errors) => Accepts(server, chain, errors),
            },
        };
        if (certificate is not null)
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        _http = new HttpClient(handler) { BaseAddress = new Uri(hub, "/v1/"), Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Closes the connections. The certificate stays the caller's.</summary>
    public void Dispose() => _http.Dispose();

    private bool Accepts(X509Certificate? server, X509Chain? chain, SslPolicyErrors errors)
    {
        var sent = new X509Certificate2Collection(chain?.ChainPolicy.ExtraStore ?? []);
        var certificate = (X509Certificate2?)server;
        if (_ca is { } ca) return HubPin.Accepts(ca, certificate, sent, errors, _clock.GetUtcNow());

        // First contact: nothing is known yet. What is fetched counts by its digest, and then these are judged.
        if (certificate is not null) sent.Insert(0, certificate);
        _firstContact = [.. sent.Select(one => X509CertificateLoader.LoadCertificate(one.RawDataMemory.Span))];
        return (errors & SslPolicyErrors.RemoteCertificateNameMismatch) == 0;
    }

    private async Task<T> SendAsync<T>(
        HttpRequestMessage request, Func<HttpResponseMessage, Watch, Task<T>> read, CancellationToken ct, TimeSpan? extra = null)
    {
        using var watch = new Watch(AnswerTime + (extra ?? TimeSpan.Zero), _clock, ct);
        try
        {
            if (request.Content is PartContent part) part.Watch = watch;
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, watch.Token);
            watch.Kick();
            if (!response.IsSuccessStatusCode && request.Method != HttpMethod.Head)
                throw new HubRefusedException(await ReadProblemAsync(response, watch));
            return await read(response, watch);
        }
        catch (Exception e) when (Explain(e, watch, ct) is { } explained)
        {
            throw explained;
        }
    }

    private async Task<byte[]> GetBytesAsync(string path, int limit, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await SendAsync(request, (response, watch) => ReadAtMostAsync(response, limit, watch), ct);
    }

    private static async Task<byte[]> ReadAtMostAsync(HttpResponseMessage response, int limit, Watch watch)
    {
        if (response.Content.Headers.ContentLength > limit) throw new HubAnswerException($"The answer is longer than {limit} bytes.");

        using var body = new MemoryStream();
        await CopyAsync(await response.Content.ReadAsStreamAsync(watch.Token), body, limit, watch);
        return body.ToArray();
    }

    private static async Task<long> CopyAsync(Stream from, Stream to, long limit, Watch watch)
    {
        var buffer = new byte[BufferSize];
        long total = 0;
        while (await ReadAsync(from, buffer, watch) is > 0 and var read)
        {
            watch.Kick();
            total += read;
            if (total > limit) throw new HubAnswerException($"The answer is longer than {limit} bytes.");
            await to.WriteAsync(buffer.AsMemory(0, read), watch.Token);
        }

        return total;
    }

    // Only what the wire throws becomes an unreachable hub: a full disk on our side stays what it is.
    private static async Task<int> ReadAsync(Stream from, byte[] buffer, Watch watch)
    {
        try
        {
            return await from.ReadAsync(buffer, watch.Token);
        }
        catch (IOException e)
        {
            throw new HubUnreachableException(HubFailure.Dropped, "The connection ended in the middle of an answer.", e);
        }
    }

    /// <summary>What to throw instead; null for what is already plain, the caller's own cancellation among it.</summary>
    private HubUnreachableException? Explain(Exception e, Watch watch, CancellationToken ct) => e switch
    {
        _ when ct.IsCancellationRequested => null,
        OperationCanceledException when watch.HasStalled => new(HubFailure.Stalled, "The hub stopped answering.", e),
        HttpRequestException { InnerException: AuthenticationException } => new(HubFailure.WrongServer, WrongServer, e),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError } or OperationCanceledException =>
            new(HubFailure.Unreachable, $"No connection to {_http.BaseAddress!.Authority}: {e.GetBaseException().Message}", e),
        // The handler lets a SocketException through where a connection is reset right after it was made.
        HttpRequestException or SocketException => new(HubFailure.Dropped, Dropped, e),
        _ => null,
    };

    private string WrongServer => _ca is null
        ? $"{_http.BaseAddress!.Authority} speaks no TLS 1.3, or its certificate is for another name."
        : $"{_http.BaseAddress!.Authority} is not the hub that genesis names: its certificate does not lead to the CA {_ca}, is for another name, or has run out.";

    private string Dropped => _hasCertificate
        ? $"{_http.BaseAddress!.Authority} closed the connection without an answer. If it does so every time, it does not know our client certificate, or that has run out: join again."
        : $"{_http.BaseAddress!.Authority} closed the connection without an answer. It asks for a client certificate, and we have none before joining.";
}
