using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Cryptography;
using ReferralHub.Tests.Protocol.Evidence;

namespace ReferralHub.Tests.Protocol.Directory;

/// <summary>A hub with three registrars, two of whom must sign. Keys are named by a number.</summary>
internal sealed class DirectoryKit : IDisposable
{
    public const int Court = 1, Ministry = 2, Union = 3, HubKey = 4, Recovery = 5, Signing = 6, Stranger = 7;

    private readonly Dictionary<int, SigningKey> _keys = [];

    public DirectoryKit()
    {
        Genesis = new()
        {
            Origin = Origin.Parse("hub.example"),
            IssuedAt = Story.Start,
            Registrars = [new("court", Of(Court)), new("ministry", Of(Ministry)), new("union", Of(Union))],
            Threshold = 2,
            Hub = Of(HubKey),
            DirectoryLog = Vkey("hub.example/directory", NoteKeyType.Log, 21),
            AuditLog = Vkey("hub.example/audit", NoteKeyType.Log, 22),
            Cosigner = Vkey("hub.example/cosigner", NoteKeyType.Cosigner, 23),
            Ca = Story.Sealed("CA"),
        };
        Enrol = new()
        {
            Agency = AgencyId.Parse("north-police"),
            Seq = 0,
            IssuedAt = Story.Start,
            Event = AgencyEventCode.Enrol,
            Kind = AgencyKind.Police,
            Name = "Synthetic North Police",
            Recovery = Of(Recovery),
            Signing = Of(Signing),
            Encryption = Story.EncryptionKey("north"),
            Services = [ServiceFamily.Police],
        };
    }

    public Genesis Genesis { get; }

    public AgencyEvent Enrol { get; }

    public JurisdictionPolicy Policy { get; } = new()
    {
        Id = PolicyId.Parse("north"),
        Version = 1,
        IssuedAt = Story.Start,
        Bases = [Basis.Consent],
        MaxConsentDays = 365,
    };

    public SigningKey Key(int number) => _keys.TryGetValue(number, out var key) ? key : _keys[number] = Seeded.Key((byte)number);

    public VerifyingKey Of(int number) => Key(number).VerifyingKey;

    public string Vkey(string name, NoteKeyType type, int key) => new NoteKey(name, type, Of(key)).ToString();

    public CoSigned Signed(object payload, string typ, params int[] signers) =>
        CoSigned.From(signers.Select(signer => Jws.Sign(Key(signer), typ, StrictJson.Write(payload))));

    /// <summary>The directory of the genesis, signed by all.</summary>
    public AgencyDirectory Begin()
    {
        Assert.Null(Begin(Signed(Genesis, "genesis+jws", Court, Ministry, Union).ToArray(), null, out var directory));
        return directory!;
    }

    public static DirectoryFault? Begin(byte[] entry, Digest? fingerprint, out AgencyDirectory? directory) =>
        AgencyDirectory.TryBegin(entry, fingerprint, out directory, out var fault) ? null : fault;

    /// <summary>What is wrong with the entry, or null; then <paramref name="directory"/> is the next one.</summary>
    public static DirectoryFault? Append(ref AgencyDirectory directory, byte[] entry)
    {
        if (!directory.TryAppend(entry, out var next, out var fault)) return fault;
        directory = next;
        return null;
    }

    public DirectoryFault? AppendPolicy(ref AgencyDirectory directory, JurisdictionPolicy policy, params int[] signers) =>
        Append(ref directory, Signed(policy, "policy+jws", signers).ToArray());

    public DirectoryFault? AppendAgency(ref AgencyDirectory directory, AgencyEvent enrol, params int[] signers) =>
        Append(ref directory, Signed(enrol, "agency-event+jws", signers).ToArray());

    public void Dispose()
    {
        foreach (var key in _keys.Values) key.Dispose();
    }
}
