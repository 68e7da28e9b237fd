using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Alerts;

/// <summary>Which people a statement of others is told to. Spec: docs/protocol.md §3.7.</summary>
internal static class AlertBook
{
    /// <summary>Adds what a statement gives reason for to the transaction that keeps it.</summary>
    /// <param name="db">Inside a transaction.</param>
    /// <param name="signed">What came.</param>
    /// <param name="referral">The referral it is about, as it stands after it.</param>
    /// <param name="before">Where the referral stood; null for a new one.</param>
    /// <param name="at">Now.</param>
    public static void Add(GatewayDb db, SignedStatement signed, KeptReferral referral, HandoffState? before, DateTimeOffset at)
    {
        foreach (var (audience, stage, clock) in Of(signed.Statement, referral.Role, before, referral.State))
        {
            db.Alerts.Add(new Alert
            {
                Cause = signed.Id.ToString(),
                Audience = audience,
                Stage = stage,
                Clock = clock,
                Referral = referral.Id,
                At = at,
            });
        }
    }

    /// <summary>Tells the duty desk once that the hub has not been heard since <paramref name="heard"/>.</summary>
    public static async Task AddSilenceAsync(GatewayDb db, DateTimeOffset heard, DateTimeOffset now, CancellationToken ct)
    {
        var cause = $"hub silent since {WireTime.Text(heard)}";
        if (await db.Alerts.AnyAsync(a => a.Cause == cause, ct)) return;
        db.Alerts.Add(new Alert { Cause = cause, Audience = Audience.DutyDesk, Stage = AlertStage.HubUnreachable, At = now });
    }

    /// <summary>Who is told what. Pure.</summary>
    /// <param name="said">What the other side, the hub or a coordinator said.</param>
    /// <param name="self">Our part in the referral.</param>
    /// <param name="before">Where the referral stood; null for a new one.</param>
    /// <param name="after">Where it stands now.</param>
    internal static IEnumerable<(Audience Audience, AlertStage Stage, ClockKind? Clock)> Of(
        Statement said, Party self, HandoffState? before, HandoffState after) => said switch
        {
            HubAct { Chain: { } step, Clock: { } clock } => OfStep(step, clock, self),
            CoordinatorAct act => OfCoordinator(act, self),
            SenderAct { Urgency: not null } => HandoffClock.Of(after) is { } clock && HandoffClock.OwnerOf(clock) == self
                ? [(Audience.DutyDesk, AlertStage.New, clock)]
                : [],
            _ => OfMove(self, before, after),
        };

    /// <summary>Whether what an alert is about is still as it was: else nobody needs to be told any more. Pure.</summary>
    internal static bool Stands(Alert alert, HandoffState state) => alert.Stage switch
    {
        AlertStage.New or AlertStage.DueSoon or AlertStage.Overdue or AlertStage.Silent or AlertStage.FindAnother => HandoffClock.Of(state) == alert.Clock,
        AlertStage.CameBack or AlertStage.Asked or AlertStage.HubUnreachable => true,
    };

    private static IEnumerable<(Audience, AlertStage, ClockKind?)> OfStep(ClockStep step, ClockKind clock, Party self)
    {
        var ours = HandoffClock.OwnerOf(clock) == self;
        switch (step)
        {
            case ClockStep.Reminder when ours:
                yield return (Audience.DutyDesk, AlertStage.DueSoon, clock);
                break;
            case ClockStep.Breach when ours:
                yield return (Audience.Lead, AlertStage.Overdue, clock);
                break;
            // A missed clock always tells the sender.
            case ClockStep.Breach when self == Party.Sender:
                yield return (Audience.DutyDesk, AlertStage.Silent, clock);
                break;
            case ClockStep.Leads:
                yield return (Audience.Lead, ours ? AlertStage.Overdue : AlertStage.Silent, clock);
                break;
            case ClockStep.Coordinator when self == Party.Sender && !ours:
                yield return (Audience.DutyDesk, AlertStage.FindAnother, clock);
                break;
        }
    }

    private static IEnumerable<(Audience, AlertStage, ClockKind?)> OfCoordinator(CoordinatorAct act, Party self)
    {
        if (act.Act == CoordinatorActCode.Nudged && act.Party == self) yield return (Audience.DutyDesk, AlertStage.Asked, null);
        if (act.Act == CoordinatorActCode.Escalated && act.Party == self) yield return (Audience.Lead, AlertStage.Asked, null);
        if (act.Act == CoordinatorActCode.Alternates && self == Party.Sender) yield return (Audience.DutyDesk, AlertStage.Asked, null);
    }

    private static IEnumerable<(Audience, AlertStage, ClockKind?)> OfMove(Party self, HandoffState? before, HandoffState after)
    {
        if (self == Party.Sender && after != before && after is HandoffState.Undeliverable or HandoffState.Declined or HandoffState.Expired or HandoffState.HandedBack)
            yield return (Audience.DutyDesk, AlertStage.CameBack, null);
        var (had, has) = (before is { } state ? HandoffClock.Of(state) : null, HandoffClock.Of(after));
        if (has is { } clock && has != had && HandoffClock.OwnerOf(clock) == self) yield return (Audience.DutyDesk, AlertStage.New, clock);
    }
}
