using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Clocks;
using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Log;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Profiles;
using ReferralHub.Hub.Referrals;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using SealedPart = ReferralHub.Hub.Parts.SealedPart;

namespace ReferralHub.Hub.Erasing;

/// <summary>
/// Erases what the hub knows of a handoff once it has been over for as long as a policy says: the referral, its statements, its
/// events; then consents that nothing rests on, and what tells of no referral. Each write leaves an event that names the places
/// and the rule, and the leaves of the log stay, so that what agencies keep still verifies. What is due is only a hint: inside
/// its own write each is looked at again. Spec: docs/protocol.md §4.8.
/// </summary>
internal sealed class EraseRecords(
    IServiceScopeFactory scopes, Agencies agencies, LogHealth health, TimeProvider clock, Fatal fatal, ILogger<EraseRecords> logger)
    : Rounds(scopes, health, clock, TimeSpan.FromHours(1), fatal, logger)
{
    private static readonly HandoffState[] Ends = [.. Enum.GetValues<HandoffState>().Where(Handoff.IsTerminal)];

    // Somebody did something with it. Who was refused did not, and that the hub erased its parts is not counted either.
    private static readonly AuditEventCode[] Acts = [AuditEventCode.StatementRecorded, AuditEventCode.PartReleased, AuditEventCode.EvidenceExported];

    // What may tell of a case or of a person. The others tell of agencies, of the directory and of the log, and stay.
    private static readonly AuditEventCode[] Personal =
        [.. Acts, AuditEventCode.Refused, AuditEventCode.PartErased, AuditEventCode.BoardRead, AuditEventCode.TrailRead, AuditEventCode.MessageDropped];

    /// <summary>Erases what is due now.</summary>
    /// <returns>How many events.</returns>
    internal static async Task<int> RunOnce(HubDb db, Agencies agencies, CancellationToken ct)
    {
        var erased = await Referrals(db, agencies, ct) + await Consents(db, agencies, ct) + await Rest(db, agencies, ct);
        if (erased > 0) await db.Store.Purge(db, ct);
        return erased;
    }

    protected override Task<int> Round(HubDb db, CancellationToken ct) => RunOnce(db, agencies, ct);

    private static async Task<int> Referrals(HubDb db, Agencies agencies, CancellationToken ct)
    {
        var directory = await agencies.Now(db, ct);
        var erased = 0;
        foreach (var pair in await db.Set<ReferralRecord>().Select(r => new { r.Sender, r.Recipient }).Distinct().ToListAsync(ct))
        {
            if (await KeepingRule.Between(db, directory, pair.Sender, pair.Recipient, ct) is not { } rule) continue;
            foreach (var id in await Over(db, rule).Where(r => r.Sender == pair.Sender && r.Recipient == pair.Recipient).Select(r => r.Id).ToListAsync(ct))
                erased += await db.Write(write => Referral(db, agencies, rule, id, write), ct);
        }

        return erased;
    }

    // Over, held by nobody, nothing of it sealed here or owed, and nobody did anything with it for as long as the rule says.
    private static IQueryable<ReferralRecord> Over(HubDb db, KeepingRule rule) => db.Set<ReferralRecord>()
        .Where(r => Ends.Contains(r.State) && !r.SenderHolds && !r.RecipientHolds)
        .Where(r => !db.Set<AuditRecord>().Any(e => e.Referral == r.Id && (e.Index == null || (e.Id > rule.Last && Acts.Contains(e.Code)))))
        .Where(r => !db.Set<SealedPart>().Any(p => p.Referral == r.Id && (p.Whole || p.EraseAt != null)))
        .Where(r => !db.Set<OwedRecord>().Any(o => o.Referral == r.Id));

    private static async Task<int> Referral(HubDb db, Agencies agencies, KeepingRule rule, Guid id, CancellationToken ct)
    {
        var stream = id.ToString();
        if (!await Over(db, rule).AnyAsync(r => r.Id == id, ct)
            || await db.Set<OutboxMessage>().AnyAsync(m => m.StreamId == stream, ct)
            || await db.Set<ParkedMessage>().AnyAsync(m => m.StreamId == stream, ct))
        {
            return 0;
        }

        var statements = db.Set<StoredStatement>();
        var approvals = await db.Set<ApprovalRecord>()
            .Where(a => statements.Any(s => s.Id == a.Approves && s.Referral == id)).Select(a => (Digest?)a.Statement).ToListAsync(ct);
        await db.Set<ApprovalRecord>().Where(a => approvals.Contains(a.Statement)).ExecuteDeleteAsync(ct);
        await db.Set<ClockRecord>().Where(c => c.Referral == id).ExecuteDeleteAsync(ct);
        await db.Set<SealedPart>().Where(p => p.Referral == id).ExecuteDeleteAsync(ct);
        await db.Set<ReferralRecord>().Where(r => r.Id == id).ExecuteDeleteAsync(ct);
        return await Erase(db, agencies, rule, db.Set<AuditRecord>().Where(e => e.Referral == id || approvals.Contains(e.Statement)), ct);
    }

    private static async Task<int> Consents(HubDb db, Agencies agencies, CancellationToken ct)
    {
        var directory = await agencies.Now(db, ct);
        var recorded =
            from consent in Unused(db)
            join said in db.Set<StoredStatement>() on consent.Statement equals said.Id
            select new { consent.Id, said.Token, said.EventId, Sender = said.Event.Agency, Recipient = said.Event.Counterpart };
        var erased = 0;
        foreach (var pair in await recorded.Select(c => new { c.Sender, c.Recipient }).Distinct().ToListAsync(ct))
        {
            if (await KeepingRule.Between(db, directory, pair.Sender!, pair.Recipient!, ct) is not { } rule) continue;
            var old = await recorded.Where(c => c.Sender == pair.Sender && c.Recipient == pair.Recipient && c.EventId <= rule.Last).ToListAsync(ct);
            foreach (var consent in old.Where(c => StoredStatement.Read<Consent>(c.Token).ValidUntil <= db.Clock.GetUtcNow()))
                erased += await db.Write(write => Consent(db, agencies, rule, consent.Id, write), ct);
        }

        return erased;
    }

    private static IQueryable<ConsentRecord> Unused(HubDb db) =>
        db.Set<ConsentRecord>().AsNoTracking().Where(c => !db.Set<ReferralRecord>().Any(r => r.Consent == c.Id));

    private static async Task<int> Consent(HubDb db, Agencies agencies, KeepingRule rule, Guid id, CancellationToken ct)
    {
        if (await Unused(db).SingleOrDefaultAsync(c => c.Id == id, ct) is not { } consent) return 0;
        Digest?[] said = consent.Revocation is { } revocation ? [consent.Statement, revocation] : [consent.Statement];
        var events = db.Set<AuditRecord>().Where(e => said.Contains(e.Statement));
        if (await events.AnyAsync(e => e.Id > rule.Last, ct)) return 0;

        await db.Set<ConsentRecord>().Where(c => c.Id == id).ExecuteDeleteAsync(ct);
        return await Erase(db, agencies, rule, events, ct);
    }

    // What belongs to no referral: profiles and capacities that others have replaced, approvals of what never came, who looked, who was refused.
    private static async Task<int> Rest(HubDb db, Agencies agencies, CancellationToken ct)
    {
        if (await KeepingRule.OfAll(db, await agencies.Now(db, ct), ct) is not { } rule) return 0;
        var (erased, after) = (0, AuditRecord.FirstId - 1);
        while (await Loose(db, rule).Where(e => e.Id > after).OrderBy(e => e.Id).Take(Limits.ErasedAtOnce).Select(e => e.Id).ToListAsync(ct) is { Count: > 0 } found)
        {
            erased += await db.Write(write => Rest(db, agencies, rule, found, write), ct);
            after = found[^1];
        }

        return erased;
    }

    private static IQueryable<AuditRecord> Loose(HubDb db, KeepingRule rule) => db.Set<AuditRecord>()
        .Where(e => e.Id >= AuditRecord.FirstId && e.Id <= rule.Last && e.Index != null && Personal.Contains(e.Code))
        .Where(e => e.Referral == null || !db.Set<ReferralRecord>().Any(r => r.Id == e.Referral));

    private static async Task<int> Rest(HubDb db, Agencies agencies, KeepingRule rule, IReadOnlyList<long> found, CancellationToken ct)
    {
        var said = await db.Set<StoredStatement>().AsNoTracking().Where(s => found.Contains(s.EventId)).ToListAsync(ct);
        var (due, approvals) = (found.ToHashSet(), new List<Digest>());
        foreach (var statement in said)
        {
            var read = StoredStatement.Read(statement.Token).Statement;
            if (await IsNeeded(db, statement, read, ct)) due.Remove(statement.EventId);
            else if (read is Approval) approvals.Add(statement.Id);
        }

        await db.Set<ApprovalRecord>().Where(a => approvals.Contains(a.Statement)).ExecuteDeleteAsync(ct);
        return await Erase(db, agencies, rule, Loose(db, rule).Where(e => due.Contains(e.Id)), ct);
    }

    // Agreements stay: they are between agencies. Consents go by their own rule.
    private static async Task<bool> IsNeeded(HubDb db, StoredStatement statement, Statement read, CancellationToken ct) => read switch
    {
        Capacity => await IsNewest(db, statement, ct),
        Profile => await IsNewest(db, statement, ct) || await Counts(db, read.Issuer, statement.EventId, ct),
        Approval approval => await db.Set<StoredStatement>().AnyAsync(s => s.Id == approval.Approves, ct),
        _ => true,
    };

    // Whether something of a referral that is here may have been counted in its hours: not when the next one came before all of them.
    private static async Task<bool> Counts(HubDb db, AgencyId agency, long profile, CancellationToken ct)
    {
        var first = await (
            from referral in db.Set<ReferralRecord>()
            where referral.Sender == agency || referral.Recipient == agency
            join happened in db.Set<AuditRecord>() on referral.Id equals happened.Referral
            select (long?)happened.Id).MinAsync(ct);
        return first is { } since && !await ProfileLedger.HasBetween(db, agency, profile, since, ct);
    }

    private static Task<bool> IsNewest(HubDb db, StoredStatement statement, CancellationToken ct) =>
        db.Set<PublishedRecord>().AnyAsync(p => p.Statement == statement.Id, ct);

    // Events, their statements, and with them hub receipts. Their leaves stay, and the items of feeds, which now are of nothing.
    private static async Task<int> Erase(HubDb db, Agencies agencies, KeepingRule rule, IQueryable<AuditRecord> events, CancellationToken ct)
    {
        var dead = await events.AsNoTracking().Where(e => e.Index != null).OrderBy(e => e.Id).ToListAsync(ct); // what has no place yet goes another time
        var opened = await db.Set<LogHead>().Where(h => h.Log == LogName.Audit).Select(h => h.Number).SingleAsync(ct) - 1;
        var (at, head) = (await db.EventTime(ct), (await agencies.Now(db, ct)).Head);
        foreach (var some in dead.Chunk(Limits.ErasedAtOnce))
        {
            long[] ids = [.. some.Select(e => e.Id)];
            await db.Set<StoredStatement>().Where(s => ids.Contains(s.EventId)).ExecuteDeleteAsync(ct);
            await db.Set<AuditRecord>().Where(e => ids.Contains(e.Id)).ExecuteDeleteAsync(ct);
            db.AddRange(some.Select(ErasedRecord.Of));
            db.Record(new AuditEvent
            {
                Event = AuditEventCode.Erased,
                At = at,
                Directory = head,
                Places = [.. some.Select(e => e.Index!.Value - opened)],
                Rule = rule.Policy,
            });
        }

        return dead.Count;
    }
}
