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
/// When an agency closes, what was referred to it and has no outcome goes back to the senders, who are responsible again, by
/// a statement of the hub in the write that closes it. Spec: docs/protocol.md §3.4.
/// </summary>
internal static class HandBack
{
    /// <summary>Hands back all that is open.</summary>
    /// <param name="db">Inside a write.</param>
    /// <param name="keys">The hub's keys.</param>
    /// <param name="closed">The recipient that closes.</param>
    /// <param name="directory">The directory with the closing in it.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task All(HubDb db, HubKeys keys, AgencyId closed, DirectoryNow directory, CancellationToken ct)
    {
        var audit = await db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == LogName.Audit, ct);
        var at = await db.EventTime(ct);
        var referrals = await db.Set<ReferralRecord>().Where(r => r.Recipient == closed).OrderBy(r => r.Id).ToListAsync(ct);
        foreach (var referral in referrals.Where(r => Handoff.Next(r.Position, Party.Hub, HandoffAct.HandedBack) is not null))
        {
            var signed = SignedStatement.Sign(keys.Statements, new HubAct
            {
                Issuer = AgencyId.Hub,
                IssuedAt = at,
                Directory = directory.Head,
                AuditLog = audit.ToTreeHead(),
                Act = HubActCode.HandedBack,
                Referral = referral.Id,
                After = referral.After,
            });
            referral.Move(signed.Id, Party.Hub, HandoffAct.HandedBack);
            await RunningClocks.Move(db, referral.Id, HandoffAct.HandedBack, (referral.State, referral.After), referral.Urgency, directory, at, ct);
            await Retention.Begin(db, referral, at, ct);
            HubStatement.Store(db, signed, referral.State, referral.Sender, referral.Recipient);
        }
    }
}
