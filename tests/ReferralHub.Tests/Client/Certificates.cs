using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Tests.Client;

/// <summary>A certificate authority that Kestrel sends along: it must not look self-signed, or the platform leaves it out.</summary>
internal sealed class Certificates : IDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    private const string Name = "CN=test CA";
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public Certificates()
    {
        var request = new CertificateRequest(Name, _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        var signer = X509SignatureGenerator.CreateForECDsa(_key);
        Ca = request.Create(new X500DistinguishedName("CN=test root"), signer, Start, Start.AddYears(1), [1]);
    }

    public X509Certificate2 Ca { get; }

    public Digest Spki => Digest.Of(Ca.PublicKey.ExportSubjectPublicKeyInfo());

    public static X509Certificate2 Issue(
        Certificates signer, string dnsName = FarSide.Host, string usage = "1.3.6.1.5.5.7.3.1", DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + dnsName, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dnsName);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        var generator = X509SignatureGenerator.CreateForECDsa(signer._key);
        using var bare = request.Create(new X500DistinguishedName(Name), generator, Start, until ?? Start.AddDays(90), [2]);
        return bare.CopyWithPrivateKey(key);
    }

    public void Dispose()
    {
        Ca.Dispose();
        _key.Dispose();
    }
}
