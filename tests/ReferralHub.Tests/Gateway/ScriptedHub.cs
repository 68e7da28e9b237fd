using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ReferralHub.Client;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>
/// The far side of the wire: real logs, signatures, commitments and proofs in memory, but no rules of its own. It takes what
/// comes, passes it on, and misbehaves where a test says so.
/// </summary>
internal sealed class ScriptedHub : IDisposable
{
    private readonly SigningKey _registrar = NewKey();
    private readonly SigningKey _hub = NewKey();
    private readonly SigningKey[] _logs = [NewKey(), NewKey(), NewKey()];
    private readonly TimeProvider _clock;
    private readonly List<byte[]> _entries = [];
    private readonly List<(AuditEvent Event, byte[] Opening)> _events = [];
    private readonly Dictionary<Digest, int> _eventOf = [];
    private readonly Dictionary<string, byte[]> _parts = [];
    private readonly Dictionary<Guid, SignedStatement> _consents = [];
    private readonly Dictionary<Digest, SignedStatement> _approvals = [];
    private readonly Dictionary<Guid, (AgencyId From, AgencyId To, HandoffPosition Position, Digest After)> _referrals = [];
    private readonly Dictionary<Guid, ReleaseRule> _rules = [];
    private readonly Dictionary<string, List<string>> _feeds = [];
    private readonly List<(string Agency, long Position, string Item)> _history = [];
    private readonly Dictionary<(string Agency, StatementKind Kind), string> _profiles = [];
    private readonly Lock _lock = new();

    public ScriptedHub(Digest ca, TimeProvider clock)
    {
        _clock = clock;
        var origin = Origin.Parse("hub.test");
        var genesis = new Genesis
        {
            Origin = origin,
            IssuedAt = Now,
            Registrars = [new("board", _registrar.VerifyingKey)],
            Threshold = 1,
            Hub = _hub.VerifyingKey,
            DirectoryLog = Signer(0).Key.ToString(),
            AuditLog = Signer(1).Key.ToString(),
            Cosigner = Signer(2).Key.ToString(),
            Ca = ca,
        };
        Add(Genesis.Typ, StrictJson.Write(genesis));
        Add(JurisdictionPolicy.Typ, StrictJson.Write(new JurisdictionPolicy
        {
            Id = PolicyId.Parse("north"),
            Version = 1,
            IssuedAt = Now,
            Bases = [Basis.Consent, Basis.RiskOfSignificantHarm],
            MaxConsentDays = 365,
            Rules = [new(Basis.RiskOfSignificantHarm, [LegalGround.DangerToLife], SecondApprover: true, Review: true)],
            OnDelivery = [ReleaseReason.EvidenceWindow],
        }));
    }

    private int _number = 1;

    /// <summary>Answers that it was restored and gathers, to everything but what is shown to it.</summary>
    public bool Gathers { get; set; }

    /// <summary>What it was shown, as JSON.</summary>
    public List<JsonElement> Shown { get; } = [];

    /// <summary>Comes back from a backup without its last <paramref name="lost"/> events, in a new log.</summary>
    public void Restore(int lost, Func<FormerLog, FormerLog>? change = null)
    {
        var (former, kept) = (Head(HubLog.Audit), _events.Count - lost);
        foreach (var (statement, index) in _eventOf.ToList())
        {
            if (index >= kept) _eventOf.Remove(statement);
            else _eventOf[statement] = index + 1;
        }

        string[] gone = [.. _events.Skip(kept).Select(e => CanonicalBase64.Url.Encode(e.Event.ToBytes()))];
        foreach (var feed in _feeds.Values) feed.RemoveAll(item => gone.Any(e => item.Contains(e, StringComparison.Ordinal)));
        _events.RemoveRange(kept, lost);
        var said = new FormerLog(Origin.Parse("hub.test").AuditLogOf(_number++), former.Size, former.Root, kept, 0);
        _events.Insert(0, (new() { Event = AuditEventCode.LogOpened, At = Now, Directory = Head(HubLog.Directory), Former = change?.Invoke(said) ?? said }, RandomNumberGenerator.GetBytes(Commitment.OpeningSize)));
    }

    public byte[] GenesisEntry => _entries[0];

    public Digest Fingerprint => Digest.Of(GenesisEntry);

    /// <summary>Answers 503 to everything.</summary>
    public bool IsDown { get; set; }

    /// <summary>Refuses a statement with a problem document.</summary>
    public Func<SignedStatement, (int Status, string Problem)?> Refuse { get; set; } = _ => null;

    /// <summary>Takes a statement and then answers something else.</summary>
    public Func<(int Status, string Problem)?> AfterTaking { get; set; } = () => null;

    /// <summary>Changes what goes into a feed.</summary>
    public Func<string, string> Tamper { get; set; } = item => item;

    /// <summary>Statements of which it says that it has erased its record.</summary>
    public HashSet<Digest> Erased { get; } = [];

    /// <summary>Changes how it shows what opened its log.</summary>
    public Func<string, string> TamperOpening { get; set; } = answer => answer;

    /// <summary>Answers this, whatever the log is.</summary>
    public Dictionary<HubLog, byte[]> Checkpoints { get; } = [];

    /// <summary>How often each statement was posted.</summary>
    public Dictionary<Digest, int> Posts { get; } = [];

    /// <summary>When its cosigner signs.</summary>
    public DateTimeOffset? CosignedAt { get; set; }

    private DateTimeOffset Now => WireTime.Whole(_clock.GetUtcNow());

    /// <summary>Appends an entry that the registrar signs, and whoever signed it before.</summary>
    public void Add(string typ, ReadOnlyMemory<byte> payload, params IEnumerable<Jws> others) =>
        _entries.Add(CoSigned.From([.. others, Jws.Sign(_registrar, typ, payload.Span)]).ToArray());

    /// <summary>Appends bytes as they are.</summary>
    public void AddRaw(byte[] entry) => _entries.Add(entry);

    /// <summary>What the log would sign with other leaves.</summary>
    public byte[] Forge(HubLog log, int size) => Checkpoint(log, [.. Enumerable.Range(0, size).Select(i => Digest.Of([(byte)i]))]);

    /// <summary>An earlier state of the log.</summary>
    public byte[] Earlier(HubLog log, int size) => Checkpoint(log, [.. Leaves(log).Take(size)]);

    /// <summary>Flips a byte of a part that is stored.</summary>
    public void Damage(Digest part) => _parts[part.ToString()][^20] ^= 1;

    /// <summary>Says of a clock what a test wants, to both.</summary>
    public void Overdue(Guid referral, ClockKind clock, ClockStep step)
    {
        var known = _referrals[referral];
        Say(referral, new HubAct
        {
            Issuer = AgencyId.Hub,
            IssuedAt = Now,
            Directory = Head(HubLog.Directory),
            AuditLog = Head(HubLog.Audit),
            Act = step == ClockStep.Reminder ? HubActCode.DueSoon : HubActCode.Overdue,
            Referral = referral,
            After = known.After,
            Clock = clock,
            Due = Now,
            Step = step == ClockStep.Reminder ? null : step,
        });
    }

    /// <summary>What a coordinator does, to both.</summary>
    public void Coordinate(Guid referral, CoordinatorActCode act, Party? party = null) => Say(referral, new CoordinatorAct
    {
        Issuer = AgencyId.Hub,
        IssuedAt = Now,
        Directory = Head(HubLog.Directory),
        AuditLog = Head(HubLog.Audit),
        Referral = referral,
        After = _referrals[referral].After,
        Act = act,
        By = Handle.Parse("crd0001"),
        Party = party,
        Agencies = act == CoordinatorActCode.Alternates ? [AgencyId.Parse("beacon")] : null,
    });

    private void Say(Guid referral, Statement statement)
    {
        var known = _referrals[referral];
        var signed = SignedStatement.Sign(_hub, statement);
        var recorded = Append(AuditEventCode.StatementRecorded, signed, known.Position.State);
        Tell(known.From, recorded, [signed]);
        Tell(known.To, recorded, [signed]);
    }

    /// <summary>Ends a referral, whether or not its time has come, and tells both.</summary>
    public void Expire(Guid referral) => End(referral, HubActCode.Expired, HandoffState.Expired);

    /// <summary>Hands a referral back, whether or not its recipient is closed, and tells both.</summary>
    public void HandBack(Guid referral) => End(referral, HubActCode.HandedBack, HandoffState.HandedBack);

    private void End(Guid referral, HubActCode act, HandoffState state)
    {
        var known = _referrals[referral];
        var signed = SignedStatement.Sign(_hub, new HubAct
        {
            Issuer = AgencyId.Hub,
            IssuedAt = Now,
            Directory = Head(HubLog.Directory),
            AuditLog = Head(HubLog.Audit),
            Act = act,
            Referral = referral,
            After = known.After,
        });
        _referrals[referral] = known with { Position = new(state), After = signed.Id };
        var recorded = Append(AuditEventCode.StatementRecorded, signed, state);
        Tell(known.From, recorded, [signed]);
        Tell(known.To, recorded, [signed]);
    }

    public void Dispose()
    {
        _registrar.Dispose();
        _hub.Dispose();
        foreach (var key in _logs) key.Dispose();
    }

    public async Task Answer(HttpContext http)
    {
        if (IsDown)
        {
            http.Response.StatusCode = 503;
            return;
        }

        var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var caller = AgencyId.Parse(http.Connection.ClientCertificate!.Subject["CN=".Length..]);
        byte[] answer;
        lock (_lock) answer = Route(http, caller, http.Request.Path.Value!["/v1/".Length..], body.ToArray());
        if (answer.Length > 0) await http.Response.Body.WriteAsync(answer, http.RequestAborted);
    }

    private static SigningKey NewKey() => SigningKey.Import(RandomNumberGenerator.GetBytes(SigningKey.SeedSize));

    private byte[] Route(HttpContext http, AgencyId caller, string path, byte[] body) => (http.Request.Method, path.Split('/')) switch
    {
        ("POST", ["restoration"]) when Gathers => Keep(body),
        _ when Gathers => Problem(http, 503, """{"type":"urn:referralhub:refusal:hub-restoring"}"""),
        (_, ["audit", "opening"]) => Encoding.UTF8.GetBytes(TamperOpening(Encoding.UTF8.GetString(Prove(_number - int.Parse(http.Request.Query["log"]!, null))))),
        (_, ["genesis"]) => GenesisEntry,
        (_, ["directory", "checkpoint"]) => Checkpoints.GetValueOrDefault(HubLog.Directory) ?? Checkpoint(HubLog.Directory, Leaves(HubLog.Directory)),
        (_, ["audit", "checkpoint"]) => Checkpoints.GetValueOrDefault(HubLog.Audit) ?? Checkpoint(HubLog.Audit, Leaves(HubLog.Audit)),
        (_, ["directory", "tile", "entries", ..]) => EntryBundle.Encode([.. _entries.Select(e => (ReadOnlyMemory<byte>)e)]),
        (_, ["audit", "tile", ..]) => [.. Leaves(HubLog.Audit).Take(WidthOf(path)).SelectMany(l => l.ToArray())],
        ("HEAD", ["parts", var part]) => Status(http, _parts.ContainsKey(part) ? 204 : 404),
        ("PUT", ["parts", var part]) => Store(http, part, body),
        ("GET", ["profiles"]) => Profiles(http.Request.Query["after"]),
        (_, ["statements"]) => History(caller, long.Parse(http.Request.Query["after"]!, null)),
        (_, ["feed"]) => Feed(caller, int.Parse(http.Request.Query["after"]!, null)),
        (_, ["statements", var id, "receipt"]) => Receipt(http, id),
        (_, ["referrals", _, "releases"]) => Release(http, caller, body),
        ("POST", _) => Take(http, body),
        _ => Status(http, 404),
    };

    private static int WidthOf(string path) => path.Contains(".p/", StringComparison.Ordinal) ? int.Parse(path[(path.LastIndexOf('/') + 1)..], null) : Tile.FullWidth;

    private static byte[] Status(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        return [];
    }

    private static byte[] Problem(HttpContext http, int status, string problem)
    {
        if (problem.Length > 0) http.Response.ContentType = "application/problem+json";
        return [.. Status(http, status), .. Encoding.UTF8.GetBytes(problem)];
    }

    private byte[] Store(HttpContext http, string part, byte[] body)
    {
        _parts[part] = body;
        return Status(http, 204);
    }

    private byte[] Take(HttpContext http, byte[] body)
    {
        Assert.True(SignedStatement.TryRead(body, out var signed));
        Posts[signed.Id] = Posts.GetValueOrDefault(signed.Id) + 1;
        if (Refuse(signed) is { } refusal) return Problem(http, refusal.Status, refusal.Problem);
        if (!_eventOf.ContainsKey(signed.Id)) Record(signed);
        if (AfterTaking() is { } instead) return Problem(http, instead.Status, instead.Problem);
        var audit = _events[_eventOf[signed.Id]];
        return Encoding.ASCII.GetBytes(SignedStatement.Sign(_hub, new HubReceipt
        {
            Issuer = AgencyId.Hub,
            IssuedAt = audit.Event.At,
            Directory = Head(HubLog.Directory),
            AuditLog = Head(HubLog.Audit),
            StatementId = signed.Id,
            Leaf = Convert.ToHexStringLower(LeafOf(audit)),
            Referral = signed.Statement.About,
            State = audit.Event.State,
        }).Jws.Token);
    }

    private void Record(SignedStatement signed)
    {
        if (signed.Statement is Profile or Capacity)
        {
            Show(signed.Statement.Issuer, signed);
            Append(AuditEventCode.StatementRecorded, signed, null);
            return;
        }

        var (to, tokens) = (signed.Statement switch
        {
            Agreement agreement => agreement.To,
            Consent consent => consent.To,
            ConsentRevocation revocation => revocation.To,
            Approval approval => approval.To,
            Referral referral => referral.To,
            FollowUp follow => _referrals[follow.Referral].From == follow.Issuer ? _referrals[follow.Referral].To : _referrals[follow.Referral].From,
            _ => throw new InvalidOperationException(),
        }, new List<SignedStatement> { signed });
        HandoffState? state = null;
        switch (signed.Statement)
        {
            case Consent consent:
                _consents[consent.ConsentId] = signed;
                break;
            case Approval approval:
                _approvals[approval.Approves] = signed;
                Append(AuditEventCode.StatementRecorded, signed, state);
                return;
            case Referral referral:
                _rules[referral.ReferralId] = referral.Release;
                _referrals[referral.ReferralId] = (referral.Issuer, referral.To, Handoff.Start, signed.Id);
                state = HandoffState.Sent;
                if (referral.Consent is { } relied) tokens.Add(_consents[relied]);
                break;
            case FollowUp follow:
                var known = _referrals[follow.Referral];
                var position = follow.Does is { } done
                    ? Handoff.Next(known.Position, Handoff.ActorOf(done), done) ?? throw new InvalidOperationException($"{known.Position} {done}")
                    : known.Position;
                state = position.State;
                var sets = follow.Does is { } moved && Handoff.SetsState(moved);
                _referrals[follow.Referral] = known with { Position = position, After = sets ? signed.Id : known.After };
                break;
        }

        if (_approvals.TryGetValue(signed.Id, out var approved)) tokens.Add(approved);
        Tell(to, Append(AuditEventCode.StatementRecorded, signed, state), tokens);
    }

    private void Tell(AgencyId to, (AuditEvent Event, byte[] Opening) recorded, IReadOnlyList<SignedStatement> tokens)
    {
        var feed = _feeds.TryGetValue(to.ToString(), out var existing) ? existing : _feeds[to.ToString()] = [];
        feed.Add(Item(feed.Count + 1, recorded, tokens));
        _history.Add((to.ToString(), _events.Count, Item(_events.Count, recorded, tokens)));
    }

    private static string Item(long position, (AuditEvent Event, byte[] Opening) recorded, IReadOnlyList<SignedStatement> tokens) => JsonSerializer.Serialize(new
    {
        n = position,
        statements = tokens.Select(t => t.Jws.Token),
        @event = CanonicalBase64.Url.Encode(recorded.Event.ToBytes()),
        opening = Convert.ToHexStringLower(recorded.Opening),
    });

    private (AuditEvent Event, byte[] Opening) Append(AuditEventCode code, SignedStatement signed, HandoffState? state)
    {
        var audit = new AuditEvent
        {
            Event = code,
            At = Now,
            Directory = Head(HubLog.Directory),
            Agency = signed.Statement.Issuer == AgencyId.Hub ? null : signed.Statement.Issuer,
            Referral = signed.Statement.About,
            Statement = signed.Id,
            Kind = signed.Statement.Kind,
            Act = signed.Statement.Does,
            State = state,
        };
        _eventOf[signed.Id] = _events.Count;
        _events.Add((audit, RandomNumberGenerator.GetBytes(Commitment.OpeningSize)));
        if (audit.Agency is { } agency) _history.Add((agency.ToString(), _events.Count, Item(_events.Count, _events[^1], [signed])));
        return _events[^1];
    }

    private byte[] Release(HttpContext http, AgencyId caller, byte[] body)
    {
        Assert.True(SignedStatement.TryRead(body, out var signed));
        var request = (ReleaseRequest)signed.Statement;
        if (Refuse(signed) is { } refusal) return Problem(http, refusal.Status, refusal.Problem);
        var (from, _, (state, _), _) = _referrals[request.Referral];
        var party = from == caller ? Party.Sender : Party.Recipient;
        if (!Handoff.MayRelease(state, party, request.Part, _rules[request.Referral])) return Problem(http, 403, """{"type":"urn:referralhub:refusal:not-released"}""");
        // Whoever sealed it is told that it was fetched.
        Tell(party is Party.Sender ? _referrals[request.Referral].To : from, Append(AuditEventCode.PartReleased, signed, state), [signed]);
        return _parts[request.Sha256.ToString()];
    }

    private byte[] Feed(AgencyId caller, int after) => Encoding.UTF8.GetBytes(
        $$"""{"items":[{{string.Join(',', _feeds.GetValueOrDefault(caller.ToString(), []).Skip(after).Select(Tamper))}}]}""");

    // Few to a page, so that readers must go on.
    private byte[] History(AgencyId caller, long after) => Encoding.UTF8.GetBytes(
        $$"""{"items":[{{string.Join(',', _history.Where(h => h.Agency == caller.ToString() && h.Position > after).Take(3).Select(h => Tamper(h.Item)))}}]}""");

    /// <summary>Shows a statement as an agency's own, whoever signed it; the newest of each kind comes last.</summary>
    public void Show(AgencyId agency, SignedStatement signed) => _profiles[(agency.ToString(), signed.Statement.Kind)] = signed.Jws.Token;

    // One agency a page, so that readers must go on.
    private byte[] Profiles(string? after)
    {
        var next = _profiles.Keys.Select(k => k.Agency).Where(a => string.CompareOrdinal(a, after) > 0).Order(StringComparer.Ordinal).Take(1);
        var shown = next.Select(a => new { agency = a, statements = _profiles.Where(p => p.Key.Agency == a).Select(p => p.Value) });
        return JsonSerializer.SerializeToUtf8Bytes(new { agencies = shown });
    }

    private byte[] Receipt(HttpContext http, string id)
    {
        if (Digest.TryParse(id, out var digest) && Erased.Contains(digest)) return Problem(http, 410, """{"type":"urn:referralhub:refusal:record-erased"}""");
        if (!_eventOf.TryGetValue(digest, out var index))
            return Problem(http, 404, $$"""{"type":"urn:referralhub:refusal:{{(_number == 1 ? "not-logged-yet" : "not-found")}}"}""");
        return Prove(index);
    }

    private byte[] Keep(byte[] body)
    {
        Shown.Add(JsonElement.Parse(body));
        return """{"kept":0,"parts":[]}"""u8.ToArray();
    }

    private byte[] Prove(int index)
    {
        var (audit, opening) = _events[index];
        Assert.True(SignedCheckpoint.TryOpen(Checkpoint(HubLog.Audit, Leaves(HubLog.Audit)), Signer(1).Key, [Signer(2).Key], out var checkpoint));
        var proof = TlogProof.From(index, Tree(HubLog.Audit).InclusionProof(index), checkpoint);
        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            @event = CanonicalBase64.Url.Encode(audit.ToBytes()),
            opening = Convert.ToHexStringLower(opening),
            index,
            proof = Encoding.UTF8.GetString(proof.ToArray()),
        });
    }

    private NoteSigner Signer(int index) => index switch
    {
        0 => new("hub.test/directory", NoteKeyType.Log, _logs[0]),
        1 => new(Origin.Parse("hub.test").AuditLogOf(_number), NoteKeyType.Log, _logs[1]),
        _ => new("hub.test/cosigner", NoteKeyType.Cosigner, _logs[2]),
    };

    private static byte[] LeafOf((AuditEvent Event, byte[] Opening) recorded) =>
        Commitment.Leaf(recorded.Event.CoarseType, recorded.Opening, recorded.Event.ToBytes());

    private List<Digest> Leaves(HubLog log) => log == HubLog.Directory
        ? [.. _entries.Select(e => MerkleTree.LeafHash(e))]
        : [.. _events.Select(e => MerkleTree.LeafHash(LeafOf(e)))];

    private TileTree Tree(HubLog log)
    {
        var leaves = Leaves(log);
        return new TileTree(leaves.Count, tile => leaves.Take(tile.Width).SelectMany(l => l.ToArray()).ToArray());
    }

    private static Digest RootOf(List<Digest> leaves)
    {
        var frontier = new MerkleFrontier();
        foreach (var leaf in leaves) frontier.Append(leaf);
        return frontier.Root;
    }

    private TreeHead Head(HubLog log) => new(Leaves(log).Count, RootOf(Leaves(log)));

    private byte[] Checkpoint(HubLog log, List<Digest> leaves)
    {
        var signer = Signer(log == HubLog.Directory ? 0 : 1);
        return SignedCheckpoint.Sign(new Checkpoint(signer.Key.Name, leaves.Count, RootOf(leaves)), signer)
            .Cosign(Signer(2), CosignedAt ?? _clock.GetUtcNow()).Bytes.ToArray();
    }
}
