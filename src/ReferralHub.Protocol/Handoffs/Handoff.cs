using ReferralHub.Protocol.Wire;
using static ReferralHub.Protocol.Handoffs.HandoffState;
using Act = ReferralHub.Protocol.Handoffs.HandoffAct;

namespace ReferralHub.Protocol.Handoffs;

/// <summary>The one function that moves a referral, and what follows from where it stands. Spec: docs/protocol.md §3.4, §3.6.</summary>
public static class Handoff
{
    /// <summary>Where a referral begins.</summary>
    public static HandoffPosition Start { get; } = new(Sent);

    /// <summary>
    /// Where the referral stands after <paramref name="act"/>: the same place after one that sets no state; null if that
    /// party may not do that there.
    /// </summary>
    public static HandoffPosition? Next(HandoffPosition from, Party party, HandoffAct act)
    {
        if (party != ActorOf(act) || To(from, act) is not { } to) return null;
        var asked = from.Withdrawing || (act is Act.Withdrawn && to != Withdrawn);
        return new(to, asked && IsOpen(to));
    }

    /// <summary>Whose act it is.</summary>
    public static Party ActorOf(HandoffAct act) => act switch
    {
        Act.InformationProvided or Act.LoopClosed or Act.Withdrawn or Act.EnteredInError or Act.UrgencyChanged => Party.Sender,
        Act.Expired or Act.HandedBack => Party.Hub,
        _ => Party.Recipient,
    };

    /// <summary>Whether later statements must come after such an act, since it moves the referral or marks it.</summary>
    public static bool SetsState(HandoffAct act) =>
        act is not (Act.InterimNote or Act.Appointment or Act.NoShow or Act.ContentMismatch or Act.UrgencyChanged);

    /// <summary>Whether nothing can be said about it any more.</summary>
    public static bool IsTerminal(HandoffState state) =>
        state is Undeliverable or Declined or LoopClosed or Withdrawn or EnteredInError or Expired or HandedBack;

    /// <summary>Who is responsible for the child now; null once the handoff is over.</summary>
    public static Party? Responsible(HandoffState state) => state switch
    {
        Accepted or InProgress or OnHold => Party.Recipient,
        LoopClosed => null,
        _ => Party.Sender,
    };

    /// <inheritdoc cref="Responsible(HandoffState)"/>
    public static AgencyId? Responsible(HandoffState state, AgencyId sender, AgencyId recipient) => Responsible(state) switch
    {
        Party.Recipient => recipient,
        null => null,
        _ => sender,
    };

    /// <summary>Whether it is too late to accept: never for an emergency, which escalates instead.</summary>
    /// <param name="urgency">The urgency that counts at <paramref name="at"/>.</param>
    /// <param name="expires">What the referral says.</param>
    /// <param name="at">The hub's time.</param>
    public static bool IsTooLate(Urgency urgency, DateTimeOffset expires, DateTimeOffset at) => urgency != Urgency.Emergency && at >= expires;

    /// <summary>Whether the hub may hand <paramref name="part"/>, once it has one, to <paramref name="party"/> now.</summary>
    public static bool MayRelease(HandoffState state, Party party, Part part, ReleaseRule rule = ReleaseRule.OnAcceptance) => (part, party) switch
    {
        (Part.Record, Party.Recipient) when rule is ReleaseRule.OnDelivery => state is not Sent && !IsTerminal(state),
        (Part.Summary or Part.Answer, Party.Recipient) => !IsTerminal(state),
        (Part.Record, Party.Recipient) => state is Accepted or InProgress or OnHold or Completed or Failed,
        (Part.Question or Part.Note, Party.Sender) => true,
        _ => false,
    };

    private static HandoffState? To(HandoffPosition from, HandoffAct act) => (from.State, act, from.Withdrawing) switch
    {
        (Sent, Act.Delivered, _) => Delivered,
        (Sent, Act.Undeliverable, _) => Undeliverable,
        (Delivered, Act.Acknowledged, _) => Acknowledged,
        // Nobody takes, asks for or sends more of what the sender wants back.
        (Acknowledged, Act.InformationRequested, false) => InformationRequested,
        (InformationRequested, Act.InformationProvided, false) => Acknowledged,
        (Acknowledged or InformationRequested, Act.Accepted, false) => Accepted,
        (Acknowledged or InformationRequested, Act.Declined, _) => Declined,
        (Accepted or OnHold, Act.InProgress, _) => InProgress,
        (Accepted or InProgress, Act.OnHold, _) => OnHold,
        (Accepted or InProgress or OnHold, Act.Completed, _) => Completed,
        (Accepted or InProgress or OnHold, Act.Failed, _) => Failed,
        (Completed or Failed, Act.LoopClosed, _) => LoopClosed,
        (Sent, Act.Withdrawn, false) => Withdrawn,
        (var state, Act.Withdrawn, false) when IsOpen(state) => state,
        (_, Act.CancelConfirmed, true) => Withdrawn,
        (var state, Act.EnteredInError, _) when !IsTerminal(state) => EnteredInError,
        (Sent or Delivered or Acknowledged or InformationRequested, Act.Expired, _) => Expired,
        (var state, Act.HandedBack, _) when IsOpen(state) => HandedBack,

        (Accepted or InProgress or OnHold, Act.InterimNote or Act.Appointment or Act.NoShow, _) => from.State,
        (not Sent and var state, Act.ContentMismatch, _) when IsOpen(state) => state,
        (var state, Act.UrgencyChanged, _) when IsOpen(state) => state,
        _ => null,
    };

    // Neither over nor with an outcome.
    private static bool IsOpen(HandoffState state) => !IsTerminal(state) && state is not (Completed or Failed);
}
