using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Consents;

/// <summary>What agencies agreed on and what grantors agreed to.</summary>
internal static class ConsentLedger
{
    /// <summary>The consent check as it comes out at this moment. Spec: docs/protocol.md §3.5.</summary>
    public static async Task<ConsentDecision> Decide(HubDb db, Referral referral, DirectoryNow directory, DateTimeOffset at, CancellationToken ct)
    {
        var (sender, recipient) = (referral.Issuer, referral.To);
        var (entries, size) = (directory.Entries, directory.Head.Size);
        var agreement = await FindAgreement(db, sender, recipient, ct);
        return ConsentCheck.Decide(new ConsentQuestion(
            referral,
            await FindConsent(db, referral.Consent, ct),
            agreement,
            agreement is null ? null : entries.FindPolicy(agreement.Policy, size),
            entries.IsActive(sender, size) && entries.IsActive(recipient, size),
            at));
    }

    /// <summary>How long both have about what one sends the other: the agreement's times, else the policy's. Spec: docs/protocol.md §3.7.</summary>
    public static async Task<ClockTable> Clocks(HubDb db, AgencyId sender, AgencyId recipient, DirectoryNow directory, CancellationToken ct)
    {
        var agreement = await FindAgreement(db, sender, recipient, ct);
        var policy = agreement is null ? null : directory.Entries.FindPolicy(agreement.Policy, directory.Head.Size);
        return agreement?.Clocks ?? policy?.Clocks ?? ClockTable.Default;
    }

    /// <summary>Id of the statement that recorded a consent, or null.</summary>
    public static Task<Digest?> FindConsentStatement(HubDb db, Guid consent, CancellationToken ct) =>
        db.Set<ConsentRecord>().Where(c => c.Id == consent).Select(c => (Digest?)c.Statement).SingleOrDefaultAsync(ct);

    /// <summary>When what was sent under a consent is to be erased; null when there is no such consent.</summary>
    public static async Task<DateTimeOffset?> EraseAt(HubDb db, Guid consent, CancellationToken ct) =>
        (await FindConsent(db, consent, ct))?.EraseAt;

    /// <summary>
    /// Ids of the statements that the check looked at for a referral, as far as the first <paramref name="size"/> leaves of
    /// the audit log go: its consent, and both sides of each agreement between the two.
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
        var consent = await FindConsentStatement(db, referral.Consent, ct);
        return [.. agreements.SelectMany(a => new[] { a.Proposal, a.Acceptance }), .. consent is { } id ? [id] : Array.Empty<Digest>()];
    }

    private static async Task<Consent?> FindConsent(HubDb db, Guid consent, CancellationToken ct)
    {
        var token = await (
            from record in db.Set<ConsentRecord>()
            where record.Id == consent
            join statement in db.Set<StoredStatement>() on record.Statement equals statement.Id
            select statement.Token).SingleOrDefaultAsync(ct);
        return token is null ? null : StoredStatement.Read<Consent>(token);
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
