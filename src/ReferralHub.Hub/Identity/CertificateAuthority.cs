using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Identity;

/// <summary>
/// The hub's own CA, ECDSA P-256 (docs/protocol.md §2.1): vouches for the server and gives agencies their client
/// certificates. Genesis names its public key; no other CA counts on either side.
/// </summary>
internal sealed class CertificateAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string NistP256 = "1.2.840.10045.3.1.7";

    // Certificates are valid a little before they are made: clocks differ.
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1);
    private static readonly TimeSpan ServerLifetime = TimeSpan.FromDays(90);

    private readonly ECDsa _key;
    private readonly X509Certificate2 _certificate;

    private CertificateAuthority(ECDsa key, X509Certificate2 certificate) => (_key, _certificate) = (key, certificate);

    /// <summary>The digest by which genesis names this CA.</summary>
    public Digest Spki => Digest.Of(_certificate.PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>Makes the CA of a new hub.</summary>
    public static void Create(DataFolder data, Origin origin, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request($"CN={origin} CA", key);
        using var certificate = request.CreateSelfSigned(now - Skew, now.AddYears(20));
        File.WriteAllText(data.CaCertificate, certificate.ExportCertificatePem());
        DataFolder.WriteSecret(data.CaKey, System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
    }

    /// <exception cref="SettingsException">Key or certificate cannot be read, or one is not the other's.</exception>
    public static CertificateAuthority Load(DataFolder data)
    {
        var (pem, key) = (DataFolder.Read("CA", data.CaKey, File.ReadAllText), ECDsa.Create());
        try
        {
            key.ImportFromPem(pem);
            var certificate = X509CertificateLoader.LoadCertificate(DataFolder.Read("CA", data.CaCertificate, File.ReadAllBytes));
            if (certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo())) return new(key, certificate);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new SettingsException("CA", data.CaKey, $"Key or certificate is broken ({e.GetType().Name}): restore both from the backup.");
        }

        throw new SettingsException("CA", data.CaKey, "The key is not the certificate's: restore both from the backup.");
    }

    /// <summary>A fresh certificate for the server under these names, with the CA's as the handshake must bring it.</summary>
    public SslStreamCertificateContext IssueServer(IEnumerable<string> names, DateTimeOffset now)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address)) alternatives.AddIpAddress(address);
            else alternatives.AddDnsName(name);
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=referralhub", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(alternatives.Build());
        using var bare = Issue(request, ServerAuthentication, now, ServerLifetime);
        return SslStreamCertificateContext.Create(bare.CopyWithPrivateKey(key), [Sent(now)], offline: true);
    }

    /// <summary>Gives an agency the certificate it asks for, in our words: only the key is taken from the request.</summary>
    /// <param name="agency">Whom it names.</param>
    /// <param name="requestPem">PKCS #10 in PEM, from anywhere.</param>
    /// <param name="now">The time.</param>
    /// <param name="issued">The certificate, or null when false.</param>
    /// <returns>False unless the request is for a P-256 key and signed by it.</returns>
    public bool TryIssueClient(
        AgencyId agency, string requestPem, DateTimeOffset now, [NotNullWhen(true)] out X509Certificate2? issued)
    {
        issued = null;
        if (ReadKey(requestPem) is not { } asked) return false;

        var request = new CertificateRequest(new X500DistinguishedName($"CN={agency}"), asked, HashAlgorithmName.SHA256);
        issued = Issue(request, ClientAuthentication, now, TimeSpan.FromDays(Limits.ClientCertificateDays));
        return true;
    }

    /// <summary>The chain that an agency keeps: its certificate, then the CA's.</summary>
    public string Chain(X509Certificate2 certificate) =>
        certificate.ExportCertificatePem() + "\n" + _certificate.ExportCertificatePem() + "\n";

    /// <summary>Whether this CA gave out <paramref name="certificate"/> for a client and it is valid now.</summary>
    public bool Vouches(X509Certificate2 certificate, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_certificate);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        // There is no revocation list: the binding of a certificate is read at every request.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        return chain.Build(certificate);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private static CertificateRequest Request(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request;
    }

    private static PublicKey? ReadKey(string requestPem)
    {
        try
        {
            // Loading checks the signature: who asks has the key.
            var request = CertificateRequest.LoadSigningRequestPem(requestPem, HashAlgorithmName.SHA256);
            using var key = request.PublicKey.GetECDsaPublicKey();
            return key?.ExportParameters(false).Curve is { IsNamed: true, Oid.Value: NistP256 } ? request.PublicKey : null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    // The platform leaves self-signed certificates out of the handshake, but clients know the CA by its key only and need
    // the certificate: so the one that is sent has the same name and key and claims another issuer.
    private X509Certificate2 Sent(DateTimeOffset now) =>
        Request(_certificate.Subject, _key).Create(
            new X500DistinguishedName("CN=referralhub"), Signer, now - Skew, now + ServerLifetime, Serial());

    private X509Certificate2 Issue(CertificateRequest request, string usage, DateTimeOffset now, TimeSpan lifetime)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], true));
        return request.Create(_certificate.SubjectName, Signer, now - Skew, now + lifetime, Serial());
    }

    private X509SignatureGenerator Signer => X509SignatureGenerator.CreateForECDsa(_key);

    private static byte[] Serial() => RandomNumberGenerator.GetBytes(16);
}
