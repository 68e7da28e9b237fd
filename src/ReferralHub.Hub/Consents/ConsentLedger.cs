using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Consents;

/// <summary>What agencies agreed on and what grantors agreed to.</summary>
internal static class ConsentLedger
{
    /// <summary>The consent check as it comes out at this moment. Spec: docs/protocol.md §3.5.</summary>
    public static async Task<ConsentDecision> Decide(
        HubDb db, Referral referral, Digest id, DirectoryNow directory, DateTimeOffset at, CancellationToken ct)
    {
        var (sender, recipient) = (referral.Issuer, referral.To);
        var (entries, size) = (directory.Entries, directory.Head.Size);
        var agreement = await FindAgreement(db, sender, recipient, ct);
        var statements = db.Set<StoredStatement>();
        var consent = await (
            from record in db.Set<ConsentRecord>()
            where record.Id == referral.Consent
            join said in statements on record.Statement equals said.Id
            join taken in statements on record.Revocation equals taken.Id into back
            from revocation in back.DefaultIfEmpty()
            select new { said.Token, Revocation = revocation == null ? null : revocation.Token }).SingleOrDefaultAsync(ct);
        return ConsentCheck.Decide(new ConsentQuestion(
            referral,
            consent is null ? null : StoredStatement.Read<Consent>(consent.Token),
            agreement,
            agreement is null ? null : entries.FindPolicy(agreement.Policy, size),
            entries.IsActive(sender, size) && entries.IsActive(recipient, size),
            at)
        {
            Revocation = consent?.Revocation is { } revoked ? StoredStatement.Read<ConsentRevocation>(revoked) : null,
            Approvals = [.. (await FindApprovals(db, id, ct)).Select(approval => approval.Statement)],
        });
    }

    /// <summary>How long both have about what one sends the other: the agreement's times, else the policy's. Spec: docs/protocol.md §3.7.</summary>
    public static async Task<ClockTable> Clocks(HubDb db, AgencyId sender, AgencyId recipient, DirectoryNow directory, CancellationToken ct)
    {
        var agreement = await FindAgreement(db, sender, recipient, ct);
        return agreement?.Clocks ?? PolicyOf(agreement, directory)?.Clocks ?? ClockTable.Default;
    }

    /// <summary>The policy under which one sends the other: the version in force of that which their agreement names, or null.</summary>
    public static async Task<JurisdictionPolicy?> FindPolicy(HubDb db, AgencyId sender, AgencyId recipient, DirectoryNow directory, CancellationToken ct) =>
        PolicyOf(await FindAgreement(db, sender, recipient, ct), directory);

    /// <summary>What the check was asked when an event was written; null when the referral is none that the hub took.</summary>
    public static async Task<ConsentQuestion?> QuestionAt(HubDb db, AuditEvent happened, long eventId, DirectoryNow directory, CancellationToken ct)
    {
        var token = await (
            from statement in db.Set<StoredStatement>()
            join recorded in db.Set<AuditRecord>() on statement.EventId equals recorded.Id
            where statement.Referral == happened.Referral
            orderby recorded.Id
            select statement.Token).FirstOrDefaultAsync(ct);
        if (token is null || StoredStatement.Read(token) is not { Statement: Referral referral } signed) return null;
        var grounds = await Grounds(db, referral, long.MaxValue, ct);
        var earlier = await db.Set<StoredStatement>().Where(s => s.EventId < eventId && grounds.Contains(s.Id)).OrderBy(s => s.EventId).Select(s => s.Token).ToListAsync(ct);
        return ConsentGrounds.QuestionAt(
            referral, signed.Id, earlier.Select(e => StoredStatement.Read(e).Statement), directory.Entries, happened.Directory.Size, happened.At);
    }

    /// <summary>Id of the statement that recorded a consent, or null.</summary>
    public static Task<Digest?> FindConsentStatement(HubDb db, Guid? consent, CancellationToken ct) =>
        db.Set<ConsentRecord>().Where(c => c.Id == consent).Select(c => (Digest?)c.Statement).SingleOrDefaultAsync(ct);

    /// <summary>The consents that these referrals rest on; those that rest on another basis are left out.</summary>
    public static async Task<IReadOnlyDictionary<Guid, Consent>> FindConsentsOf(HubDb db, IReadOnlyCollection<Guid> referrals, CancellationToken ct)
    {
        // The first statement about a referral is the referral itself.
        var statements = db.Set<StoredStatement>();
        var sent = await statements
            .Where(s => referrals.Contains(s.Referral!.Value) && s.EventId == statements.Where(first => first.Referral == s.Referral).Min(first => first.EventId))
            .Select(s => s.Token).ToListAsync(ct);
        var named = sent.ConvertAll(StoredStatement.Read<Referral>).FindAll(r => r is { Basis: Basis.Consent, Consent: not null }).ToDictionary(r => r.ReferralId, r => r.Consent!.Value);
        var tokens = await (
            from record in db.Set<ConsentRecord>()
            where named.Values.Contains(record.Id)
            join statement in statements on record.Statement equals statement.Id
            select new { record.Id, statement.Token }).ToDictionaryAsync(row => row.Id, row => row.Token, ct);
        return named.ToDictionary(pair => pair.Key, pair => StoredStatement.Read<Consent>(tokens[pair.Value]));
    }

    /// <summary>Id of a second person's word for a statement, or null.</summary>
    /// <param name="db">A context.</param>
    /// <param name="statement">The statement's id.</param>
    /// <param name="issuer">Who says it.</param>
    /// <param name="first">The person who says it for them.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<Digest?> FindApproval(HubDb db, Digest statement, AgencyId issuer, Handle first, CancellationToken ct) =>
        (await FindApprovals(db, statement, ct)).Where(a => a.Statement.IsSecondTo(issuer, first)).Select(a => (Digest?)a.Id).FirstOrDefault();

    /// <summary>
    /// When what a referral brings is to be erased: as the consent says that it relies on, else as the agreement does; null
    /// when there is neither.
    /// </summary>
    public static async Task<DateTimeOffset?> EraseAt(HubDb db, Referral referral, DateTimeOffset at, CancellationToken ct)
    {
        if (referral.Basis is not Basis.Consent)
            return await EraseAfterEnd(db, referral.Issuer, referral.To, at, ct);
        return (await Read<Consent>(db, await FindConsentStatement(db, referral.Consent, ct), ct))?.EraseAt;
    }

    /// <summary>By when what one sends the other is to be erased that ended at <paramref name="end"/>, as their agreement says; null when there is none.</summary>
    public static async Task<DateTimeOffset?> EraseAfterEnd(HubDb db, AgencyId sender, AgencyId recipient, DateTimeOffset end, CancellationToken ct) =>
        await FindAgreement(db, sender, recipient, ct) is { } agreement ? end.AddDays(agreement.EraseAfterDays) : null;

    /// <summary>Takes a consent back, in the write that is under way; or says why not.</summary>
    public static async Task<Refusal?> Revoke(HubDb db, ConsentRevocation revocation, Digest id, CancellationToken ct)
    {
        var record = await db.Set<ConsentRecord>().SingleOrDefaultAsync(c => c.Id == revocation.ConsentId, ct);
        // Another's consent is none.
        if (record is null || await Read<Consent>(db, record.Statement, ct) is not { } consent || !revocation.Revokes(consent)) return Refusal.NotFound;
        if (record.Revocation is not null) return Refusal.RevokedBefore;
        record.Revocation = id;
        return null;
    }

    /// <summary>
    /// Ids of the statements that the check looked at for a referral, as far as the first <paramref name="size"/> leaves of
    /// the audit log go: its consent and the revocation of it, both sides of each agreement between the two, and who approved what.
    /// </summary>
    public static async Task<IReadOnlyList<Digest>> Grounds(HubDb db, Referral referral, long size, CancellationToken ct)
    {
        var (sender, recipient) = (referral.Issuer, referral.To);
        var agreements = await (
            from record in db.Set<AgreementRecord>()
            where (record.Proposer == sender && record.Other == recipient) || (record.Proposer == recipient && record.Other == sender)
            join acceptance in db.Set<StoredStatement>() on record.Acceptance equals acceptance.Id
            where acceptance.Event.Index < size
            select new { record.Proposal, Acceptance = acceptance.Id }).ToListAsync(ct);
        var consents = await db.Set<ConsentRecord>().Where(c => c.Id == referral.Consent).Select(c => new { c.Statement, c.Revocation }).ToListAsync(ct);
        var approvals = await (
            from approval in db.Set<ApprovalRecord>()
            join approved in db.Set<StoredStatement>() on approval.Approves equals approved.Id
            where approved.Referral == referral.ReferralId && approved.Event.Index < size
            select approval.Statement).ToListAsync(ct);
        return
        [
            .. agreements.SelectMany(a => new[] { a.Proposal, a.Acceptance }),
            .. consents.SelectMany(c => new[] { c.Statement, c.Revocation }).OfType<Digest>(),
            .. approvals,
        ];
    }

    private static JurisdictionPolicy? PolicyOf(Agreement? agreement, DirectoryNow directory) =>
        agreement is null ? null : directory.Entries.FindPolicy(agreement.Policy, directory.Head.Size);

    private static async Task<IReadOnlyList<(Digest Id, Approval Statement)>> FindApprovals(HubDb db, Digest statement, CancellationToken ct)
    {
        var rows = await (
            from record in db.Set<ApprovalRecord>()
            where record.Approves == statement
            join approval in db.Set<StoredStatement>() on record.Statement equals approval.Id
            orderby approval.EventId
            select new { approval.Id, approval.Token }).ToListAsync(ct);
        return rows.ConvertAll(row => (row.Id, StoredStatement.Read<Approval>(row.Token)));
    }

    private static async Task<T?> Read<T>(HubDb db, Digest? statement, CancellationToken ct)
        where T : Statement
    {
        if (statement is not { } id) return null;
        return StoredStatement.Read<T>(await db.Set<StoredStatement>().Where(s => s.Id == id).Select(s => s.Token).SingleAsync(ct));
    }

    // Of those that have this route the one accepted last, whether or not it is still in force: a later one replaces.
    private static async Task<Agreement?> FindAgreement(HubDb db, AgencyId sender, AgencyId recipient, CancellationToken ct)
    {
        var token = await (
            from record in db.Set<AgreementRecord>()
            where record.Rank != null
                && ((record.Proposer == sender && record.Other == recipient && record.ProposerSends)
                    || (record.Proposer == recipient && record.Other == sender && record.OtherSends))
            orderby record.Rank descending
            join statement in db.Set<StoredStatement>() on record.Acceptance equals statement.Id
            select statement.Token).FirstOrDefaultAsync(ct);
        return token is null ? null : StoredStatement.Read<Agreement>(token);
    }
}
