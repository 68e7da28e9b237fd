using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Clocks;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Log;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Referrals;

/// <summary>
/// Ends referrals that nobody decided in time, by a statement of the hub that both parties get. A due row is only a hint:
/// inside its own write each is looked at again, and what ends it also takes the row off the list, so it ends once, whatever
/// restarts. Spec: docs/protocol.md §3.4.
/// </summary>
internal sealed class ExpireReferrals(
    IServiceScopeFactory scopes, Agencies agencies, HubKeys keys, LogHealth health, TimeProvider clock, Fatal fatal, ILogger<ExpireReferrals> logger)
    : Rounds(scopes, health, clock, TimeSpan.FromSeconds(Limits.ExpirySeconds), fatal, logger)
{
    /// <summary>Ends what is due now.</summary>
    /// <returns>How many.</returns>
    internal static async Task<int> RunOnce(HubDb db, Agencies agencies, HubKeys keys, CancellationToken ct)
    {
        var now = db.Clock.GetUtcNow();
        var due = await db.Set<ReferralRecord>().AsNoTracking()
            .Where(r => r.ExpiryDue <= now).OrderBy(r => r.ExpiryDue).Select(r => r.Id).ToListAsync(ct);
        var ended = 0;
        foreach (var id in due)
        {
            if (await db.Write(token => Expire(db, agencies, keys, id, token), ct)) ended++;
        }

        return ended;
    }

    private static async Task<bool> Expire(HubDb db, Agencies agencies, HubKeys keys, Guid id, CancellationToken ct)
    {
        var at = await db.EventTime(ct);
        var referral = await db.Set<ReferralRecord>().SingleAsync(r => r.Id == id, ct);
        if (referral.ExpiryDue is not { } due || due > at) return false;

        var directory = await agencies.Now(db, ct);
        var audit = await db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == LogName.Audit, ct);
        var signed = SignedStatement.Sign(keys.Statements, new HubAct
        {
            Issuer = AgencyId.Hub,
            IssuedAt = at,
            Directory = directory.Head,
            AuditLog = audit.ToTreeHead(),
            Act = HubActCode.Expired,
            Referral = id,
            After = referral.After,
        });
        referral.Move(signed.Id, Party.Hub, HandoffAct.Expired);
        await RunningClocks.Move(db, id, HandoffAct.Expired, (referral.State, referral.After), referral.Urgency, directory, at, ct);
        await Retention.Begin(db, referral, at, ct);
        HubStatement.Store(db, signed, referral.State, referral.Sender, referral.Recipient);
        return true;
    }

    protected override Task<int> Round(HubDb db, CancellationToken ct) => RunOnce(db, agencies, keys, ct);
}
