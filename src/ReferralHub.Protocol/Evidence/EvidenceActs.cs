using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Evidence;

/// <summary>An event and the statement that it records; none for a refusal or an export.</summary>
internal sealed record EvidenceAct(LoggedEvent Logged, SignedStatement? Signed)
{
    public AuditEvent Event => Logged.Event;

    public Statement? Statement => Signed?.Statement;

    public EvidenceFinding Finding(EvidenceFault fault, string sentence) => new(Logged.Path, fault, sentence);
}

/// <summary>
/// The statements of a bundle, checked: each recorded by exactly one event that says the same, and signed with a key that
/// its issuer had then.
/// </summary>
internal sealed class EvidenceActs
{
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(60);

    private readonly EvidenceLogs _logs;
    private readonly List<EvidenceAct> _all = [];
    private readonly Dictionary<Digest, SignedStatement> _statements = [];
    private readonly Dictionary<long, HashSet<Digest>> _auditRoots = new() { [0] = [MerkleTree.EmptyRoot] };

    private EvidenceActs(EvidenceLogs logs) => _logs = logs;

    /// <summary>Everything that happened, in the order of the log.</summary>
    public IReadOnlyList<EvidenceAct> All => _all;

    /// <summary>The referral that the bundle is about.</summary>
    public Referral Referral { get; private set; } = null!;

    /// <summary>Its statement's id.</summary>
    public Digest ReferralId { get; private set; }

    /// <summary>Reads the statements; them, or the first thing wrong.</summary>
    public static EvidenceFinding? Open(EvidenceArchive archive, EvidenceLogs logs, out EvidenceActs acts)
    {
        acts = new(logs);
        return acts.ReadStatements(archive) ?? acts.MatchEvents() ?? acts.CheckStatements();
    }

    /// <summary>The agency's part in this referral, or the hub's; null for another.</summary>
    public Party? PartyOf(AgencyId agency) =>
        agency == Referral.Issuer ? Party.Sender : agency == Referral.To ? Party.Recipient : agency == AgencyId.Hub ? Party.Hub : null;

    private EvidenceFinding? ReadStatements(EvidenceArchive archive)
    {
        foreach (var id in archive.Statements)
        {
            var path = EvidencePath.Statement(id);
            if (!SignedStatement.TryRead(archive[path], out var signed))
                return new(path, EvidenceFault.StatementMalformed, "This is no statement in its exact form.");
            if (signed.Id != id) return new(path, EvidenceFault.StatementMalformed, $"This is statement {signed.Id}, not the one that its path names.");
            _statements.Add(id, signed);
        }

        var referrals = _statements.Values.Where(signed => signed.Statement is Referral).Take(2).ToList();
        if (referrals.Count == 0) return new(StoredZip.Name, EvidenceFault.FileMissing, "No statement in here is a referral.");
        if (referrals.Count == 2)
            return new(EvidencePath.Statement(referrals[1].Id), EvidenceFault.StatementForeign, "This is a second referral; a bundle is about one.");
        (Referral, ReferralId) = ((Referral)referrals[0].Statement, referrals[0].Id);
        return null;
    }

    private EvidenceFinding? MatchEvents()
    {
        var left = new Dictionary<Digest, SignedStatement>(_statements);
        foreach (var logged in _logs.Events)
        {
            var act = new EvidenceAct(logged, null);
            switch (logged.Event.Event)
            {
                case AuditEventCode.StatementRecorded or AuditEventCode.PartReleased:
                    if (logged.Event.Statement is not { } id) return act.Finding(EvidenceFault.EventDiffers, "This event names no statement.");
                    if (!_statements.TryGetValue(id, out var signed))
                        return new(EvidencePath.Statement(id), EvidenceFault.FileMissing, $"Event {logged.Index} records this statement, which is not here.");
                    if (!left.Remove(id)) return act.Finding(EvidenceFault.EventRepeated, $"An earlier event has already recorded statement {id}.");
                    act = new(logged, signed);
                    break;
                case AuditEventCode.Refused or AuditEventCode.EvidenceExported or AuditEventCode.PartErased when logged.Event.Referral == Referral.ReferralId:
                    break;
                default:
                    return act.Finding(EvidenceFault.EventForeign, "This event has nothing to do with the referral.");
            }

            _all.Add(act);
        }

        return left.Count == 0
            ? null
            : new(EvidencePath.Statement(left.Keys.First()), EvidenceFault.StatementUnrecorded, "No event in here records this statement.");
    }

    private EvidenceFinding? CheckStatements() =>
        _all.Select(act => act.Signed is null ? null : Check(act, act.Signed)).FirstOrDefault(finding => finding is not null);

    private EvidenceFinding? Check(EvidenceAct act, SignedStatement signed)
    {
        var (path, statement, recorded) = (EvidencePath.Statement(signed.Id), signed.Statement, act.Event);
        if (!Belongs(statement))
            return new(path, EvidenceFault.StatementForeign, "This statement has nothing to do with the referral.");
        if (_logs.Directory.FindKey(statement.Issuer, signed.Jws.Kid, recorded.Directory.Size) is not { } key)
            return new(path, EvidenceFault.StatementKey, $"{statement.Issuer} had no such key when this took effect.");
        if (!signed.Jws.IsSignedBy(key))
            return new(path, EvidenceFault.StatementSignature, $"The signature is not one of {statement.Issuer}.");

        if (statement.IssuedAt - recorded.At > Ahead)
            return new(path, EvidenceFault.StatementAhead, "This was signed more than 60 s after it took effect.");
        if (statement.Directory.Size > recorded.Directory.Size || !_logs.IsDirectory(statement.Directory))
            return new(path, EvidenceFault.StatementAhead, "This names a state of the directory that its signer cannot have seen.");
        if (!_logs.CanHaveSeen(statement.AuditLog.Size, act.Logged.Index) || !IsAuditLog(statement.AuditLog))
            return new(path, EvidenceFault.StatementAhead, "This names a state of the audit log that its signer cannot have seen.");

        return Says(recorded, statement)
            ? null
            : act.Finding(EvidenceFault.EventDiffers, $"This event says something else than statement {signed.Id}.");
    }

    // The bundle has no consistency proofs, so a root is only compared with what other statements saw at that size: one for each
    // log that there was.
    private bool IsAuditLog(TreeHead head)
    {
        if (!_auditRoots.TryGetValue(head.Size, out var roots)) _auditRoots.Add(head.Size, roots = []);
        return roots.Add(head.Root) ? head.Size > 0 && roots.Count <= 1 + _logs.Seams.Count : true;
    }

    private bool Belongs(Statement statement) => statement switch
    {
        Agreement agreement => PartyOf(agreement.Issuer) is not null && PartyOf(agreement.To) is not null,
        Profile profile => PartyOf(profile.Issuer) is Party.Sender or Party.Recipient,
        Consent consent => consent.ConsentId == Referral.Consent,
        ConsentRevocation revocation => revocation.ConsentId == Referral.Consent,
        Approval approval => PartyOf(approval.Issuer) is not null && _statements.ContainsKey(approval.Approves),
        Statements.Referral => true,
        FollowUp or HubAct => statement.About == Referral.ReferralId && PartyOf(statement.Issuer) is not null,
        _ => false,
    };

    private static bool Says(AuditEvent recorded, Statement statement)
    {
        AgencyId? actor = statement.Issuer == AgencyId.Hub ? null : statement.Issuer;
        (Part? Part, Digest? Sha256) part = (statement.Concerns?.Part, statement.Concerns?.Sha256);
        return (recorded.Event == AuditEventCode.PartReleased) == statement is ReleaseRequest
            && recorded.Agency == actor && recorded.Referral == statement.About
            && recorded.Kind == statement.Kind && recorded.Act == statement.Does
            && (recorded.Part, recorded.Sha256) == part
            && recorded.Refusal is null && recorded.Manifest is null && recorded.By is null;
    }
}
