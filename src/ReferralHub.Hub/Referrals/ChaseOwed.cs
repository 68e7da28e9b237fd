using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Log;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Referrals;

/// <summary>
/// Tells both parties that an erasure receipt or a coordinator's review is overdue. A due row is only a hint: inside its own
/// write each is looked at again, and what tells also takes it off the list, so it is told once, whatever restarts.
/// Spec: docs/protocol.md §3.7.
/// </summary>
internal sealed class ChaseOwed(
    IServiceScopeFactory scopes, Agencies agencies, HubKeys keys, LogHealth health, TimeProvider clock, Fatal fatal, ILogger<ChaseOwed> logger)
    : Rounds(scopes, health, clock, TimeSpan.FromSeconds(Limits.ClockSeconds), fatal, logger)
{
    /// <summary>Tells what is due now.</summary>
    /// <returns>How many.</returns>
    internal static async Task<int> RunOnce(HubDb db, Agencies agencies, HubKeys keys, CancellationToken ct)
    {
        var now = db.Clock.GetUtcNow();
        var due = await db.Set<OwedRecord>().AsNoTracking()
            .Where(o => o.TellAt <= now).OrderBy(o => o.TellAt).Select(o => new { o.Referral, o.Kind }).ToListAsync(ct);
        var told = 0;
        foreach (var owed in due)
        {
            if (await db.Write(token => Tell(db, agencies, keys, owed.Referral, owed.Kind, token), ct)) told++;
        }

        return told;
    }

    private static async Task<bool> Tell(HubDb db, Agencies agencies, HubKeys keys, Guid id, ClockKind kind, CancellationToken ct)
    {
        var at = await db.EventTime(ct);
        var owed = await db.Set<OwedRecord>().SingleOrDefaultAsync(o => o.Referral == id && o.Kind == kind, ct);
        if (owed?.TellAt is not { } due || due > at) return false;

        var referral = await db.Set<ReferralRecord>().AsNoTracking().SingleAsync(r => r.Id == id, ct);
        var audit = await db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == LogName.Audit, ct);
        var signed = SignedStatement.Sign(keys.Statements, new HubAct
        {
            Issuer = AgencyId.Hub,
            IssuedAt = at,
            Directory = (await agencies.Now(db, ct)).Head,
            AuditLog = audit.ToTreeHead(),
            Act = HubActCode.Overdue,
            Referral = id,
            After = referral.After,
            Clock = kind,
            Due = owed.Due,
            Step = ClockStep.Breach,
        });
        owed.TellAt = null;
        HubStatement.Store(db, signed, referral.State, referral.Sender, referral.Recipient);
        return true;
    }

    protected override Task<int> Round(HubDb db, CancellationToken ct) => RunOnce(db, agencies, keys, ct);
}
