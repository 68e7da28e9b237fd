using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Profiles;

/// <summary>What agencies say of themselves.</summary>
internal static class ProfileLedger
{
    /// <summary>When two agencies are open, as the hub counts from now on: as each published last. Spec: docs/protocol.md §3.7.</summary>
    /// <exception cref="InvalidOperationException">This machine no longer knows the time zone: another calendar would be a lie.</exception>
    public static async Task<(WorkingCalendar One, WorkingCalendar Other)> Hours(HubDb db, AgencyId one, AgencyId other, CancellationToken ct)
    {
        var tokens = await (
            from published in db.Set<PublishedRecord>()
            where (published.Agency == one || published.Agency == other) && published.Kind == StatementKind.Profile
            join statement in db.Set<StoredStatement>() on published.Statement equals statement.Id
            select new { published.Agency, statement.Token }).ToDictionaryAsync(said => said.Agency, said => said.Token, ct);
        return (Of(one), Of(other));

        WorkingCalendar Of(AgencyId agency) => !tokens.TryGetValue(agency, out var token) ? WorkingCalendar.Default
            : WorkingCalendar.TryMake(StoredStatement.Read<Profile>(token).Hours, out var calendar) ? calendar
            : throw new InvalidOperationException($"This machine does not know the time zone that {agency} counts in. Install tzdata.");
    }

    /// <summary>
    /// The profiles of an agency in whose hours something of a referral was counted: of those recorded before each of its
    /// events the last, as far as the first <paramref name="size"/> leaves of the audit log go.
    /// </summary>
    public static async Task<IReadOnlyList<Digest>> CountedIn(HubDb db, AgencyId agency, Guid referral, long size, CancellationToken ct)
    {
        var acts = await db.Set<AuditRecord>().Where(r => r.Referral == referral && r.Index < size).OrderBy(r => r.Index).Select(r => r.Index!.Value).ToListAsync(ct);
        if (acts.Count == 0 || await Find(db, agency, ct) is not { } newest) return [];
        var since = await db.Set<StoredStatement>().Where(s => s.Id == newest.Id).Select(s => s.Event.Index).SingleAsync(ct);
        // As nearly always: nothing was published since the referral was sent.
        if (since < acts[0]) return [newest.Id];

        var recorded = await (
            from happened in db.Set<AuditRecord>()
            where happened.Agency == agency && happened.Referral == null && happened.Code == AuditEventCode.StatementRecorded && happened.Index < acts[acts.Count - 1]
            join statement in db.Set<StoredStatement>() on happened.Statement equals statement.Id
            orderby happened.Index
            select new { statement.Id, statement.Token, Index = happened.Index!.Value }).ToListAsync(ct);
        var profiles = recorded.FindAll(r => StoredStatement.Read(r.Token).Statement is Profile);
        return [.. acts.Select(act => profiles.FindLast(p => p.Index < act)?.Id).OfType<Digest>().Distinct()];
    }

    /// <summary>Whether an agency published a profile after one event and before another, both not counted.</summary>
    public static async Task<bool> HasBetween(HubDb db, AgencyId agency, long after, long before, CancellationToken ct)
    {
        var recorded = await db.Set<StoredStatement>()
            .Where(s => s.EventId > after && s.EventId < before && s.Referral == null && s.Event.Agency == agency).Select(s => s.Token).ToListAsync(ct);
        return recorded.Exists(token => StoredStatement.Read(token).Statement is Profile);
    }

    /// <summary>The newest profile of an agency as it was signed, or null.</summary>
    public static async Task<SignedStatement?> Find(HubDb db, AgencyId agency, CancellationToken ct)
    {
        var token = await (
            from published in db.Set<PublishedRecord>()
            where published.Agency == agency && published.Kind == StatementKind.Profile
            join statement in db.Set<StoredStatement>() on published.Statement equals statement.Id
            select statement.Token).SingleOrDefaultAsync(ct);
        return token is null ? null : StoredStatement.Read(token);
    }
}
