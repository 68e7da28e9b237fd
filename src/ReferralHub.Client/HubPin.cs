using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Client;

/// <summary>
/// Accepts exactly the servers that the hub's own CA vouches for. The CA is known by the digest of its public key only, so
/// its certificate comes with the handshake. The machine's trust store plays no part. Spec: docs/protocol.md §6.
/// </summary>
internal static class HubPin
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>The digest by which genesis names a CA.</summary>
    public static Digest Of(X509Certificate2 certificate) => Digest.Of(certificate.PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>Whether a valid chain leads from the server's certificate to the CA, and the name was right.</summary>
    /// <param name="ca">SHA-256 of the CA's SubjectPublicKeyInfo.</param>
    /// <param name="server">What the server showed; stays the caller's.</param>
    /// <param name="sent">All that the handshake brought.</param>
    /// <param name="errors">What the platform found; only the name is taken from it.</param>
    /// <param name="now">The time to judge at.</param>
    public static bool Accepts(
        Digest ca, X509Certificate2? server, X509Certificate2Collection sent, SslPolicyErrors errors, DateTimeOffset now)
    {
        const SslPolicyErrors nameErrors = SslPolicyErrors.RemoteCertificateNotAvailable | SslPolicyErrors.RemoteCertificateNameMismatch;
        if (server is null || (errors & nameErrors) != 0) return false;

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(sent.Where(certificate => Of(certificate) == ca).ToArray());
        chain.ChainPolicy.ExtraStore.AddRange(sent);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        // The CA may be one that somebody else signed: what makes it the anchor is its key, not that it signed itself.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        return chain.Build(server) && chain.ChainElements.Skip(1).Any(element => Of(element.Certificate) == ca);
    }
}
