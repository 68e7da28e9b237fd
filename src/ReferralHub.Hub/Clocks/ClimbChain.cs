using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Log;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Clocks;

/// <summary>
/// Tells both parties, step by step, of a clock that is running out or was missed, by a statement of the hub. A due row is
/// only a hint: inside its own write each is looked at again, and what tells also takes the step off the list, so each speaks
/// once, whatever restarts or runs beside it. Spec: docs/protocol.md §3.7.
/// </summary>
internal sealed class ClimbChain(
    IServiceScopeFactory scopes, Agencies agencies, HubKeys keys, LogHealth health, TimeProvider clock, Fatal fatal, ILogger<ClimbChain> logger)
    : Rounds(scopes, health, clock, TimeSpan.FromSeconds(Limits.ClockSeconds), fatal, logger)
{
    /// <summary>Takes every step that is due now.</summary>
    /// <returns>How many.</returns>
    internal static async Task<int> RunOnce(HubDb db, Agencies agencies, HubKeys keys, CancellationToken ct)
    {
        var now = db.Clock.GetUtcNow();
        var due = await db.Set<ClockRecord>().AsNoTracking()
            .Where(c => c.NextAt <= now).OrderBy(c => c.NextAt).Select(c => c.Referral).ToListAsync(ct);
        var taken = 0;
        foreach (var referral in due)
        {
            // Several at once after the hub was down: each is a statement of its own.
            while (await db.Write(token => Step(db, agencies, keys, referral, token), ct)) taken++;
        }

        return taken;
    }

    private static async Task<bool> Step(HubDb db, Agencies agencies, HubKeys keys, Guid referral, CancellationToken ct)
    {
        var at = await db.EventTime(ct);
        var record = await db.Set<ClockRecord>().SingleOrDefaultAsync(c => c.Referral == referral, ct);
        if (record?.StepAt(at) is not { } step) return false;

        var audit = await db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == LogName.Audit, ct);
        var signed = SignedStatement.Sign(keys.Statements, new HubAct
        {
            Issuer = AgencyId.Hub,
            IssuedAt = at,
            Directory = (await agencies.Now(db, ct)).Head,
            AuditLog = audit.ToTreeHead(),
            Act = step == ClockStep.Reminder ? HubActCode.DueSoon : HubActCode.Overdue,
            Referral = referral,
            After = record.After,
            Clock = record.Kind,
            Due = record.Due,
            Step = step == ClockStep.Reminder ? null : step,
        });
        record.Speak(step);
        HubStatement.Store(db, signed, record.State, record.Sender, record.Recipient);
        return true;
    }

    protected override Task<int> Round(HubDb db, CancellationToken ct) => RunOnce(db, agencies, keys, ct);
}
