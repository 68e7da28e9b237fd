using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ReferralHub.Cryptography;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Hub;
using ReferralHub.Hub.Identity;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub;

/// <summary>An agency as the hub sees it: keys, enrolment, certificate request.</summary>
internal sealed class TestAgency : IDisposable
{
    private readonly ECDsa _tls = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly SigningKey _recovery = TestHub.NewKey();

    public TestAgency(AgencyId id, AgencyKind kind, DateTimeOffset now)
    {
        Id = id;
        var payload = StrictJson.Write(new AgencyEvent
        {
            Agency = id,
            Seq = 0,
            IssuedAt = now,
            Event = AgencyEventCode.Enrol,
            Kind = kind,
            Name = $"Agency {id}",
            Recovery = _recovery.VerifyingKey,
            Signing = Key.VerifyingKey,
            Encryption = NewEncryptionKey(),
            Services = [ServiceFamily.Other],
        });
        Enrolment = CoSigned.From([Jws.Sign(_recovery, "agency-event+jws", payload), Jws.Sign(Key, "agency-event+jws", payload)]);
    }

    public AgencyId Id { get; }

    public SigningKey Key { get; } = TestHub.NewKey();

    public CoSigned Enrolment { get; }

    public SigningKey RecoveryKey => _recovery;

    /// <summary>What the hub gave it when it joined; null before.</summary>
    public X509Certificate2? Certificate { get; set; }

    public Caller Caller => new(Id);

    public JoinRequest Request() => new(
        Encoding.ASCII.GetString(Enrolment.ToArray()),
        new CertificateRequest("CN=ignored", _tls, HashAlgorithmName.SHA256).CreateSigningRequestPem());

    public void Dispose()
    {
        Certificate?.Dispose();
        _tls.Dispose();
        _recovery.Dispose();
        Key.Dispose();
    }

    public static EncryptionKey NewEncryptionKey() =>
        EncryptionKey.TryImport(Sodium.XWingPublicKey(RandomNumberGenerator.GetBytes(Sodium.XWingSeedBytes)), out var key)
            ? key
            : throw new InvalidOperationException();
}
