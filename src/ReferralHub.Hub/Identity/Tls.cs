using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ReferralHub.Hub.Identity;

/// <summary>
/// TLS 1.3 only, under the hub's own CA. A client certificate is asked for and may be missing, since joining has none yet;
/// one that the CA did not give out ends the handshake. Spec: docs/protocol.md §6.
/// </summary>
internal sealed class Tls(CertificateAuthority ca, HubSettings settings, TimeProvider clock)
{
    // Renewed long before it expires, and only in memory: its key is never stored.
    private static readonly TimeSpan Renewal = TimeSpan.FromDays(30);

    private readonly Lock _lock = new();
    private SslStreamCertificateContext? _server;
    private DateTimeOffset _issued;

    public void Use(ListenOptions listen) => listen.UseHttps(new TlsHandshakeCallbackOptions
    {
        HandshakeTimeout = Limits.HandshakeTime,
        OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = Server(),
            EnabledSslProtocols = SslProtocols.Tls13,
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                certificate is null || ca.Vouches((X509Certificate2)certificate, clock.GetUtcNow()),
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        }),
    });

    private SslStreamCertificateContext Server()
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            if (_server is null || now - _issued > Renewal) (_server, _issued) = (ca.IssueServer(settings.Names, now), now);
            return _server;
        }
    }
}
