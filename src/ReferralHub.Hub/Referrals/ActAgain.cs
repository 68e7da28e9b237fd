using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Clocks;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Referrals;

/// <summary>
/// What the hub itself had said about a referral before it was restored holds again, and nobody is told a second time that a clock
/// runs out. Spec: docs/protocol.md §4.7.
/// </summary>
internal static class ActAgain
{
    /// <summary>Does it, in the write that is under way.</summary>
    /// <returns>Its event; null when it does not fit.</returns>
    public static async Task<AuditRecord?> Run(HubDb db, SignedStatement signed, DirectoryNow directory, DateTimeOffset at, byte[]? opening, CancellationToken ct)
    {
        var said = signed.Statement;
        if (await db.Set<ReferralRecord>().SingleOrDefaultAsync(r => r.Id == said.About, ct) is not { } referral) return null;
        if (said.Does is { } act)
        {
            if (said.Follows != referral.After || Handoff.Next(referral.Position, Party.Hub, act) is null) return null;
            referral.Move(signed.Id, Party.Hub, act);
            await RunningClocks.Move(db, referral.Id, act, (referral.State, referral.After), referral.Urgency, directory, at, ct);
            await Retention.Begin(db, referral, at, ct);
        }
        else if (!await referral.HasSeen(db, said.Follows!.Value, ct))
        {
            return null;
        }

        await Settle(db, referral, said, ct);
        return HubStatement.Store(db, signed, referral.State, referral.Sender, referral.Recipient, opening);
    }

    private static async Task Settle(HubDb db, ReferralRecord referral, Statement said, CancellationToken ct)
    {
        switch (said)
        {
            case CoordinatorAct { Act: CoordinatorActCode.Reviewed }:
                await OwedRecord.Settle(db, referral.Id, ClockKind.Review, ct);
                break;
            case HubAct { Clock: { } clock and (ClockKind.Erase or ClockKind.Review) }:
                if (await db.Set<OwedRecord>().SingleOrDefaultAsync(o => o.Referral == referral.Id && o.Kind == clock, ct) is { } owed) owed.TellAt = null;
                break;
            case HubAct { Clock: { } clock, Chain: { } step, Due: { } due }:
                await RunningClocks.Spoke(db, referral.Id, clock, due, step, ct);
                break;
        }
    }
}
