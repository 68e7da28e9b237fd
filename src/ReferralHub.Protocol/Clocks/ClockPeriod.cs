namespace ReferralHub.Protocol.Clocks;

/// <summary>What a clock counts. Spec: docs/protocol.md §3.7.</summary>
public enum ClockRun
{
    /// <summary>Every second, day and night.</summary>
    Always,

    /// <summary>Every second in which the agency is open.</summary>
    OpenHours,

    /// <summary>Days on which the agency is open: 86,400 s stand for the whole opening time of one, however long that is.</summary>
    WorkingDays,

    /// <summary>Every second, but it ends only while the agency is open: at its next opening if it would end before.</summary>
    Days,
}

/// <summary>How much time somebody has.</summary>
/// <param name="Seconds">How much, in seconds: 1 to 31,536,000.</param>
/// <param name="Runs">Which seconds count.</param>
public sealed record ClockPeriod(long Seconds, ClockRun Runs)
{
    internal bool IsWellFormed => Seconds is >= 1 and <= 31_536_000;

    /// <summary>Half of it, rounded up to a second.</summary>
    public ClockPeriod Half => this with { Seconds = (Seconds + 1) / 2 };
}

/// <summary>The times that go with one urgency.</summary>
/// <param name="Acknowledge">From sending to a person's acknowledgement.</param>
/// <param name="Decide">From the acknowledgement to the decision; also for the sender, from a question to its answer.</param>
/// <param name="Update">From acceptance, and from each word of the recipient after it, to the next.</param>
/// <param name="Close">From the outcome until the sender closes the loop.</param>
public sealed record ClockTimes(ClockPeriod Acknowledge, ClockPeriod Decide, ClockPeriod Update, ClockPeriod Close)
{
    internal bool IsWellFormed => new[] { Acknowledge, Decide, Update, Close }.All(period => period.IsWellFormed);
}
