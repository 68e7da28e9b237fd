using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ReferralHub.Client;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Demo;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.SystemTests;

/// <summary>
/// An agency without a gateway: it speaks to a running hub itself, to do what a gateway never would, eight things at once
/// for one.
/// </summary>
internal sealed class DirectAgency : IDisposable
{
    private readonly Genesis _genesis;

    private DirectAgency(AgencyId id, AgencyKeys keys, Genesis genesis, X509Certificate2 certificate, Uri hub)
    {
        (Id, Keys, _genesis, Certificate) = (id, keys, genesis, certificate);
        Hub = new HubClient(hub, genesis.Ca, certificate, TimeProvider.System);
    }

    public AgencyId Id { get; }

    public AgencyKeys Keys { get; }

    public HubClient Hub { get; }

    /// <summary>What it is to the hub, with its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Joins a hub that serves, and is admitted.</summary>
    public static async Task<DirectAgency> Join(HubNode hub, string name, AgencyKind kind, CancellationToken ct)
    {
        var id = AgencyId.Parse(name);
        var now = TimeProvider.System.GetUtcNow();
        var keys = AgencyKeys.Create(now);
        using var recovery = RecoveryKey.Create();
        var payload = StrictJson.Write(new AgencyEvent
        {
            Agency = id,
            Seq = 0,
            IssuedAt = WireTime.Whole(now),
            Event = AgencyEventCode.Enrol,
            Kind = kind,
            Name = $"SYNTHETIC {name}",
            Recovery = recovery.Signing.VerifyingKey,
            Signing = keys.Signing.VerifyingKey,
            Encryption = keys.EncryptionKey,
            Services = [],
        });
        var enrolment = CoSigned.From(
            [Jws.Sign(recovery.Signing, "agency-event+jws", payload), Jws.Sign(keys.Signing, "agency-event+jws", payload)]);

        var url = new Uri(hub.Url);
        var fingerprint = Digest.TryParse(hub.Fingerprint, out var known) ? known : throw new InvalidOperationException("The hub is not founded.");
        var entry = await HubClient.FetchGenesisAsync(url, fingerprint, TimeProvider.System, ct);
        if (!AgencyDirectory.TryBegin(entry, fingerprint, out var directory, out var fault)) throw new InvalidOperationException($"{fault}");

        using var tls = keys.OpenTlsKey();
        using var stranger = new HubClient(url, directory.Genesis.Ca, certificate: null, TimeProvider.System);
        var request = new CertificateRequest($"CN={name}", tls, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var chain = await stranger.JoinAsync(await hub.Invite(name, Code.Text(kind), ct), enrolment, request, ct);
        using var issued = X509Certificate2.CreateFromPem(chain);
        await hub.Admit(ct, (name, Fingerprint.Digits(Fingerprint.Of(directory.Genesis.Origin, id, recovery.Signing.VerifyingKey))));
        return new(id, keys, directory.Genesis, issued.CopyWithPrivateKey(tls), url);
    }

    /// <summary>Both logs as the hub publishes them now.</summary>
    public async Task<(TreeHead Directory, TreeHead AuditLog)> Heads(CancellationToken ct) =>
        (await Head(HubLog.Directory, _genesis.DirectoryLogKey, ct), await Head(HubLog.Audit, _genesis.AuditLogKey, ct));

    public SignedStatement Sign(Statement statement) => SignedStatement.Sign(Keys.Signing, statement);

    public void Dispose()
    {
        Hub.Dispose();
        Certificate.Dispose();
        Keys.Dispose();
    }

    private async Task<TreeHead> Head(HubLog log, NoteKey key, CancellationToken ct)
    {
        var note = await Hub.GetCheckpointAsync(log, ct);
        return SignedCheckpoint.TryOpen(note, key, [], out var opened)
            ? new TreeHead(opened.Checkpoint.Size, opened.Checkpoint.Root)
            : throw new InvalidDataException($"The checkpoint of the {log} log does not verify.");
    }
}
