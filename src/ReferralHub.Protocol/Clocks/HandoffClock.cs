using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Clocks;

/// <summary>What is owed. Spec: docs/protocol.md §3.7.</summary>
public enum ClockKind
{
    /// <summary>That a person at the recipient acknowledges.</summary>
    Acknowledge,

    /// <summary>That the recipient decides.</summary>
    Decide,

    /// <summary>That the sender answers a question.</summary>
    Answer,

    /// <summary>That the recipient says how it goes.</summary>
    Update,

    /// <summary>That the sender reads the outcome and closes the loop.</summary>
    Close,

    /// <summary>That a holder answers a revocation by an erasure receipt.</summary>
    Erase,

    /// <summary>That a coordinator reviews what went without consent, or was released early.</summary>
    Review,
}

/// <summary>Who hears of a clock when. Each step speaks once. Spec: docs/protocol.md §3.7.</summary>
public enum ClockStep
{
    /// <summary>Half of the time is over: the duty desk of whoever owes it, again.</summary>
    Reminder,

    /// <summary>The time is over: the lead of whoever owes it; the sender is told.</summary>
    Breach,

    /// <summary>Half of the time to acknowledge later: the leads of both.</summary>
    Leads,

    /// <summary>The time to acknowledge after the breach: the coordinator; the sender is offered alternates.</summary>
    Coordinator,
}

/// <summary>What times are counted by.</summary>
/// <param name="Table">How long.</param>
/// <param name="Sender">When the sender is open.</param>
/// <param name="Recipient">When the recipient is open.</param>
public sealed record ClockSetting(ClockTable Table, WorkingCalendar Sender, WorkingCalendar Recipient)
{
    /// <summary>The calendar of <paramref name="party"/>.</summary>
    public WorkingCalendar this[Party party] => party == Party.Sender ? Sender : Recipient;
}

/// <summary>A clock that runs.</summary>
/// <param name="Kind">What is owed.</param>
/// <param name="Since">When it began.</param>
/// <param name="Half">When half of the time is over.</param>
/// <param name="Due">When it is missed.</param>
/// <param name="Leads">When it has been missed for half of the time to acknowledge.</param>
/// <param name="Coordinator">When it has been missed for the time to acknowledge.</param>
/// <param name="Left">Of a decision that waits for an answer: the seconds that are left for it then.</param>
public sealed record HandoffClock(
    ClockKind Kind, DateTimeOffset Since, DateTimeOffset Half, DateTimeOffset Due, DateTimeOffset Leads, DateTimeOffset Coordinator, long? Left = null)
{
    /// <summary>Who owes it.</summary>
    public Party Owner => OwnerOf(Kind);

    /// <summary>When <paramref name="step"/> is due.</summary>
    public DateTimeOffset At(ClockStep step) => step switch
    {
        ClockStep.Reminder => Half,
        ClockStep.Breach => Due,
        ClockStep.Leads => Leads,
        ClockStep.Coordinator => Coordinator,
    };

    /// <summary>Who owes <paramref name="kind"/>.</summary>
    public static Party OwnerOf(ClockKind kind) => kind switch
    {
        ClockKind.Acknowledge or ClockKind.Decide or ClockKind.Update or ClockKind.Erase => Party.Recipient,
        ClockKind.Answer or ClockKind.Close => Party.Sender,
        ClockKind.Review => Party.Hub,
    };

    /// <summary>The clock that a state has; null when nothing is owed any more.</summary>
    public static ClockKind? Of(HandoffState state) => state switch
    {
        HandoffState.Sent or HandoffState.Delivered => ClockKind.Acknowledge,
        HandoffState.Acknowledged => ClockKind.Decide,
        HandoffState.InformationRequested => ClockKind.Answer,
        HandoffState.Accepted or HandoffState.InProgress or HandoffState.OnHold => ClockKind.Update,
        HandoffState.Completed or HandoffState.Failed => ClockKind.Close,
        _ => null,
    };

    /// <summary>The clock of a referral that was sent at <paramref name="at"/>.</summary>
    public static HandoffClock Start(Urgency urgency, DateTimeOffset at, ClockSetting setting) => Run(ClockKind.Acknowledge, urgency, at, setting);

    /// <summary>Begins a clock of its full time.</summary>
    public static HandoffClock Run(ClockKind kind, Urgency urgency, DateTimeOffset at, ClockSetting setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        var period = Period(kind, urgency, setting.Table);
        return Make(kind, at, at, setting[OwnerOf(kind)].Add(at, period), period.Runs, urgency, setting);
    }

    /// <summary>The clock after an act; null when nothing is owed any more.</summary>
    /// <param name="act">What a party did.</param>
    /// <param name="to">The state after it.</param>
    /// <param name="urgency">The urgency after it.</param>
    /// <param name="at">The hub's time of it.</param>
    /// <param name="setting">What times are counted by, at that time.</param>
    public HandoffClock? Next(HandoffAct act, HandoffState to, Urgency urgency, DateTimeOffset at, ClockSetting setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        if (Of(to) is not { } kind) return null;
        if (act == HandoffAct.UrgencyChanged) return Retime(urgency, at, setting);
        if (kind == Kind) return kind == ClockKind.Update && Speaks(act) ? Run(kind, urgency, at, setting) : this;
        if (kind == ClockKind.Decide && Left is { } left) return Resume(left, urgency, at, setting);
        var next = Run(kind, urgency, at, setting);
        return kind == ClockKind.Answer
            ? next with { Left = setting.Recipient.Count(at, Due, Period(ClockKind.Decide, urgency, setting.Table).Runs) }
            : next;
    }

    private static HandoffClock Resume(long left, Urgency urgency, DateTimeOffset at, ClockSetting setting)
    {
        var runs = Period(ClockKind.Decide, urgency, setting.Table).Runs;
        // Already missed when the question was asked: it stays so, and the answer gives no new time.
        var due = left == 0 ? at : setting.Recipient.Add(at, new ClockPeriod(left, runs));
        return Make(ClockKind.Decide, at, at, due, runs, urgency, setting);
    }

    /// <summary>
    /// The new time counts from where the clock began. But who has less time now has the new time from the change on, and
    /// never more than before.
    /// </summary>
    private HandoffClock Retime(Urgency urgency, DateTimeOffset at, ClockSetting setting)
    {
        var period = Period(Kind, urgency, setting.Table);
        var calendar = setting[Owner];
        var sooner = Earlier(Due, calendar.Add(at, period));
        var due = Later(calendar.Add(Since, period), sooner);
        return Make(Kind, Since, Earlier(at, due), due, period.Runs, urgency, setting) with
        {
            // What was left of a decision was counted in the old time; the new one begins whole.
            Left = Left is null ? null : Period(ClockKind.Decide, urgency, setting.Table).Seconds,
        };
    }

    private static HandoffClock Make(
        ClockKind kind, DateTimeOffset since, DateTimeOffset from, DateTimeOffset due, ClockRun runs, Urgency urgency, ClockSetting setting)
    {
        var calendar = setting[OwnerOf(kind)];
        var reaction = setting.Table[urgency].Acknowledge;
        var half = (calendar.Count(from, due, runs) + 1) / 2;
        return new(
            kind,
            WireTime.Whole(since),
            half == 0 ? due : Earlier(due, calendar.Add(from, new ClockPeriod(half, runs))),
            due,
            calendar.Add(due, reaction.Half),
            calendar.Add(due, reaction));
    }

    private static ClockPeriod Period(ClockKind kind, Urgency urgency, ClockTable table) => kind switch
    {
        ClockKind.Acknowledge => table[urgency].Acknowledge,
        ClockKind.Decide or ClockKind.Answer => table[urgency].Decide,
        ClockKind.Update => table[urgency].Update,
        ClockKind.Close => table[urgency].Close,
        ClockKind.Erase or ClockKind.Review => throw new ArgumentException("No state has this clock.", nameof(kind)),
    };

    // A person of the recipient says how it goes. A gateway that delivers or finds fault with a part does not.
    private static bool Speaks(HandoffAct act) =>
        act is HandoffAct.InProgress or HandoffAct.OnHold or HandoffAct.InterimNote or HandoffAct.Appointment or HandoffAct.NoShow;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
