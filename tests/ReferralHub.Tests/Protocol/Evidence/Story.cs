using System.Text;
using ReferralHub.Cryptography;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Evidence;

/// <summary>
/// A hub, two registrars, a police unit and a shelter in memory, with real keys and real logs: everything that goes into a
/// bundle, genuine unless a test tells one of them to lie. A lie is signed and logged like the truth.
/// </summary>
internal sealed partial class Story : IDisposable
{
    public static readonly AgencyId Police = AgencyId.Parse("north-police"), Shelter = AgencyId.Parse("harbour-shelter");
    public static readonly DateTimeOffset Start = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, SigningKey> _keys = [];
    private readonly List<ReadOnlyMemory<byte>> _directory = [];
    private readonly List<(AuditEvent Event, byte[] Bytes, byte[] Opening)> _log = [];
    private readonly List<SignedStatement> _statements = [];
    private DateTimeOffset _now = Start;
    private AgencyDirectory _replayed = null!;
    private HandoffState? _state;
    private Digest _after;
    private Agreement? _agreement;
    private Consent? _consent;

    /// <summary>What a statement says, before its issuer signs it.</summary>
    public Func<Statement, Statement> Say { get; init; } = statement => statement;

    /// <summary>What the hub records of an event, before it is logged.</summary>
    public Func<AuditEvent, AuditEvent> Record { get; init; } = recorded => recorded;

    /// <summary>The name of the key that an agency signs a statement with.</summary>
    public Func<Statement, string> SignWith { get; init; } = statement => statement.Issuer + " signing";

    /// <summary>Whether an act happens at all.</summary>
    public Func<Statement, bool> Happens { get; init; } = _ => true;

    public Genesis Genesis { get; private set; } = null!;

    private int _number = 1;

    /// <summary>The events as logged.</summary>
    public IEnumerable<AuditEvent> Logged => _log.Select(logged => logged.Event);

    public Digest Fingerprint => Digest.Of(_directory[0].Span);

    public static Guid Id(int number) => new($"0195a000-0000-7000-8000-{number:x12}");

    public static Digest Sealed(string part) => Digest.Of(Encoding.ASCII.GetBytes("age file of the " + part));

    /// <summary>The private key of this name: always the same for the same name.</summary>
    public SigningKey Key(string name) =>
        _keys.TryGetValue(name, out var key) ? key : _keys[name] = SigningKey.Import(Digest.Of(Encoding.ASCII.GetBytes(name)).AsSpan());

    public static EncryptionKey EncryptionKey(string name) =>
        ReferralHub.Cryptography.Age.EncryptionKey.TryImport(Sodium.XWingPublicKey(Digest.Of(Encoding.ASCII.GetBytes(name)).AsSpan()), out var key)
            ? key
            : throw new InvalidOperationException("libsodium refuses its own key.");

    /// <summary>From genesis to a referral that is sent.</summary>
    public Story Send() => Found().SendWithin();

    /// <summary>From a directory to a referral that is sent.</summary>
    public Story SendWithin()
    {
        var agreement = Proposal();
        var proposed = Act(agreement);
        _agreement = (Agreement?)Act(agreement with { Issuer = Police, To = Shelter, Accepts = proposed?.Id })?.Statement;
        _consent = (Consent?)Act(Consent())?.Statement;
        Act(Referral());
        return this;
    }

    /// <summary>From genesis to the closed loop.</summary>
    public Story Play()
    {
        Send();
        Refuse(StatementKind.Acknowledgement, "urn:referralhub:refusal:wrong-state");
        Act(Request(Shelter, Part.Summary, null));
        Act(Acknowledgement(HandoffAct.Delivered));
        Act(Access(Shelter, Part.Summary, AccessAct.Opened));
        Act(Acknowledgement(HandoffAct.Acknowledged) with { By = Handle.Parse("wrk0002") });
        Refuse(StatementKind.ReleaseRequest, "urn:referralhub:refusal:not-released");
        Act(Acknowledgement(HandoffAct.Accepted) with { By = Handle.Parse("wrk0002"), ExpectedBy = Start.AddDays(1) });
        Act(Request(Shelter, Part.Record, Handle.Parse("wrk0002")));
        Act(Access(Shelter, Part.Record, AccessAct.Opened));
        Act(Access(Shelter, Part.Record, AccessAct.Exported));
        Act(Acknowledgement(HandoffAct.Completed) with
        {
            By = Handle.Parse("wrk0002"),
            Outcome = Outcome.NeedsMet,
            Parts = [new(Part.Note, Sealed("note"), 16_800)],
        });
        Act(Request(Police, Part.Note, null));
        Act(Access(Police, Part.Note, AccessAct.Opened));
        Act(LoopClosed());
        Log(new() { Event = AuditEventCode.EvidenceExported, At = _now, Directory = DirectoryHead, Agency = Police, Referral = Id(3), Manifest = Sealed("earlier manifest") });
        return this;
    }

    /// <summary>Genesis, policy and both agencies, each with its event in the audit log.</summary>
    public Story Found()
    {
        var origin = Origin.Parse("hub.example");
        Genesis = new()
        {
            Origin = origin,
            IssuedAt = _now,
            Registrars = [new("court", Key("court").VerifyingKey), new("ministry", Key("ministry").VerifyingKey)],
            Threshold = 2,
            Hub = Key("hub signing").VerifyingKey,
            DirectoryLog = new NoteKey(origin.DirectoryLog, NoteKeyType.Log, Key("directory log").VerifyingKey).ToString(),
            AuditLog = new NoteKey(origin.AuditLog, NoteKeyType.Log, Key("audit log").VerifyingKey).ToString(),
            Cosigner = new NoteKey(origin.Cosigner, NoteKeyType.Cosigner, Key("cosigner").VerifyingKey).ToString(),
            Ca = Sealed("CA"),
        };
        Append(Genesis, "genesis+jws", "court", "ministry");
        Append(
            new JurisdictionPolicy { Id = PolicyId.Parse("north"), Version = 1, IssuedAt = _now, Bases = [Basis.Consent], MaxConsentDays = 365 },
            "policy+jws", "court", "ministry");
        foreach (var (agency, kind) in ((AgencyId, AgencyKind)[])[(Police, AgencyKind.Police), (Shelter, AgencyKind.Shelter)])
        {
            Append(
                new AgencyEvent
                {
                    Agency = agency,
                    Seq = 0,
                    IssuedAt = _now,
                    Event = AgencyEventCode.Enrol,
                    Kind = kind,
                    Name = $"Synthetic {agency}",
                    Recovery = Key(agency + " recovery").VerifyingKey,
                    Signing = Key(agency + " signing").VerifyingKey,
                    Encryption = EncryptionKey(agency.ToString()),
                    Services = [ServiceFamily.Shelter],
                },
                "agency-event+jws", agency + " recovery", agency + " signing", "court", "ministry");
            Log(new() { Event = AuditEventCode.AgencyJoined, At = _now, Directory = DirectoryHead, Agency = agency });
        }

        return this;
    }

    /// <summary>The registrars add a version of the policy.</summary>
    public Story Amend()
    {
        Append(
            new JurisdictionPolicy { Id = PolicyId.Parse("north"), Version = 2, IssuedAt = _now, Bases = [Basis.Consent], MaxConsentDays = 365 },
            "policy+jws", "court", "ministry");
        return this;
    }

    /// <summary>The directory as it was with this many entries.</summary>
    public TreeHead DirectoryAt(int size) => Head([.. _directory.Take(size).Select(entry => MerkleTree.LeafHash(entry.Span))]);

    public TreeHead DirectoryHead => DirectoryAt(_directory.Count);

    public TreeHead AuditHead => Head(AuditLeaves());

    /// <summary>An agency signs, the hub records.</summary>
    public SignedStatement? Act(Statement statement)
    {
        statement = Say(statement);
        if (!Happens(statement)) return null;

        var signed = SignedStatement.Sign(Key(SignWith(statement)), statement);
        var act = statement.Does;
        if (statement is Referral || (act is { } does && Handoff.SetsState(does)))
        {
            _state = StateAfter(act);
            _after = signed.Id;
        }

        var request = statement as ReleaseRequest;
        Log(new()
        {
            Event = request is null ? AuditEventCode.StatementRecorded : AuditEventCode.PartReleased,
            At = _now,
            Directory = DirectoryHead,
            Agency = statement.Issuer == AgencyId.Hub ? null : statement.Issuer,
            Referral = statement.About,
            Statement = signed.Id,
            Kind = statement.Kind,
            Act = act,
            State = statement.About is null ? null : _state,
            Part = statement.Concerns?.Part,
            Sha256 = statement.Concerns?.Sha256,
            Decision = statement is Referral || statement is ReleaseRequest { Part: Part.Summary or Part.Record or Part.Answer } || act == HandoffAct.Delivered ? Decide() : null,
        });
        _statements.Add(signed);
        return signed;
    }

    /// <summary>The hub comes back from a backup: all so far is of its former log, the last <paramref name="returned"/> events by way of gateways.</summary>
    public Story Reopen(int returned = 0, Func<FormerLog, FormerLog>? change = null)
    {
        var former = new FormerLog(Genesis.Origin.AuditLogOf(_number), AuditHead.Size, AuditHead.Root, _log.Count - returned, returned);
        _number++;
        var opened = new AuditEvent { Event = AuditEventCode.LogOpened, At = _now, Directory = DirectoryHead, Former = change?.Invoke(former) ?? former };
        _log.Insert(0, (opened, opened.ToBytes(), Digest.Of(Encoding.ASCII.GetBytes($"opening of log {_number}")).ToArray()));
        return this;
    }

    public EvidenceContents Contents()
    {
        var growth = Tree(AuditLeaves());
        var audit = Checkpoint(Genesis.Origin.AuditLogOf(_number), "audit log", AuditHead);
        var events = _log
            .Select((logged, index) => new EvidenceEvent(logged.Bytes, logged.Opening, index, growth.InclusionProof(index)))
            .Where(proven => _log[(int)proven.Index].Event is { Referral: not null } or { Statement: not null } or { Former: not null });
        return new(_directory, Checkpoint(Genesis.Origin.DirectoryLog, "directory log", DirectoryHead), audit, [.. events], _statements);
    }

    /// <summary>The hub's own bundle.</summary>
    public byte[] Bundle() => Bytes(EvidenceBundle.Make(Contents(), Key("hub signing"), _now));

    public EvidenceReport Check() => EvidenceCheck.Run(Bundle(), Fingerprint);

    public static byte[] Bytes(EvidenceBundle bundle)
    {
        using var stream = new MemoryStream();
        bundle.WriteToAsync(stream, CancellationToken.None).GetAwaiter().GetResult();
        return stream.ToArray();
    }

    public SignedCheckpoint Checkpoint(string log, string key, TreeHead head) => SignedCheckpoint
        .Sign(new(log, head.Size, head.Root), new(log, NoteKeyType.Log, Key(key)))
        .Cosign(new(Genesis.Origin.Cosigner, NoteKeyType.Cosigner, Key("cosigner")), _now);

    public void Dispose()
    {
        foreach (var key in _keys.Values) key.Dispose();
    }

    // What an honest hub would record, and a lying one does even where the act is not allowed.
    private HandoffState StateAfter(HandoffAct? act) => act switch
    {
        null => HandoffState.Sent,
        HandoffAct.InformationProvided => HandoffState.Acknowledged,
        HandoffAct.CancelConfirmed => HandoffState.Withdrawn,
        HandoffAct.Withdrawn when _state is not HandoffState.Sent => _state!.Value,
        { } done => Enum.Parse<HandoffState>(done.ToString()),
    };

    private void Refuse(StatementKind kind, string refusal) => Log(new()
    {
        Event = AuditEventCode.Refused,
        At = _now,
        Directory = DirectoryHead,
        Agency = Shelter,
        Referral = Id(3),
        Statement = Sealed("refused"),
        Kind = kind,
        Refusal = refusal,
        Part = kind == StatementKind.ReleaseRequest ? Part.Record : null,
        Sha256 = kind == StatementKind.ReleaseRequest ? Sealed("record") : null,
        Decision = kind == StatementKind.ReleaseRequest ? Decide() : null,
    });

    // The consent check as a hub makes it that holds all statements as they were signed.
    private ConsentDecision Decide()
    {
        var referral = _statements.Select(signed => signed.Statement).OfType<Referral>().FirstOrDefault() ?? (Referral)Say(Referral());
        var agreement = _agreement?.Routes.Contains(new(referral.Issuer, referral.To)) == true ? _agreement : null;
        var policy = agreement is null ? null : _replayed.FindPolicy(agreement.Policy, _directory.Count);
        return ConsentCheck.Decide(new(referral, _consent, agreement, policy, BothActive: true, _now));
    }

    private void Append(object payload, string typ, params string[] signers)
    {
        var bytes = StrictJson.Write(payload);
        var entry = CoSigned.From(signers.Select(signer => Jws.Sign(Key(signer), typ, bytes))).ToArray();
        if (_directory.Count == 0 ? !AgencyDirectory.TryBegin(entry, null, out var next, out var fault) : !_replayed.TryAppend(entry, out next, out fault))
            throw new InvalidOperationException($"The fixture's own directory is broken: {fault}.");
        _replayed = next;
        _directory.Add(entry);
        Log(new() { Event = AuditEventCode.DirectoryCheckpoint, At = _now, Directory = DirectoryHead });
    }

    /// <summary>The hub logs an event, whatever it says.</summary>
    public void Log(AuditEvent happened)
    {
        var recorded = Record(happened);
        _log.Add((recorded, recorded.ToBytes(), Digest.Of(Encoding.ASCII.GetBytes($"opening {_log.Count}")).ToArray()));
        _now = _now.AddMinutes(5);
    }

    private List<Digest> AuditLeaves() =>
        [.. _log.Select(logged => MerkleTree.LeafHash(Commitment.Leaf(logged.Event.CoarseType, logged.Opening, logged.Bytes)))];

    private static TileTree Tree(List<Digest> leaves) =>
        new TileTree(0, _ => throw new InvalidOperationException("An empty tree has no tile.")).Append(leaves).Tree;

    private static TreeHead Head(List<Digest> leaves) => new(leaves.Count, Tree(leaves).Root);
}
