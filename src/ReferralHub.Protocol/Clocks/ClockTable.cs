using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Clocks;

/// <summary>All times of a jurisdiction or an agreement. Spec: docs/protocol.md §3.7.</summary>
public sealed record ClockTable
{
    private const long Hour = 3600;
    private const long Day = 24 * Hour;

    /// <summary>The field's own times, where neither policy nor agreement says otherwise.</summary>
    public static ClockTable Default { get; } = new()
    {
        Emergency = new(Always(Hour), Always(4 * Hour), Always(Day), Always(Day)),
        Urgent = new(Always(4 * Hour), Always(Day), Always(3 * Day), Always(3 * Day)),
        Standard = new(WorkingDays(1), WorkingDays(3), WorkingDays(10), WorkingDays(10)),
        Planned = new(WorkingDays(3), WorkingDays(10), Days(30), Days(30)),
        Review = Always(3 * Day),
    };

    /// <summary>With <see cref="Urgency.Emergency"/>.</summary>
    public required ClockTimes Emergency { get; init; }

    /// <summary>With <see cref="Urgency.Urgent"/>.</summary>
    public required ClockTimes Urgent { get; init; }

    /// <summary>With <see cref="Urgency.Standard"/>.</summary>
    public required ClockTimes Standard { get; init; }

    /// <summary>With <see cref="Urgency.Planned"/>.</summary>
    public required ClockTimes Planned { get; init; }

    /// <summary>From a decision that wants it to the coordinator's review.</summary>
    public required ClockPeriod Review { get; init; }

    /// <summary>The times that go with <paramref name="urgency"/>.</summary>
    public ClockTimes this[Urgency urgency] => urgency switch
    {
        Urgency.Emergency => Emergency,
        Urgency.Urgent => Urgent,
        Urgency.Standard => Standard,
        Urgency.Planned => Planned,
    };

    /// <summary>Whether each period is one of docs/protocol.md §3.7.</summary>
    public bool IsWellFormed =>
        Enum.GetValues<Urgency>().All(urgency => this[urgency].IsWellFormed) && Review is { IsWellFormed: true, Runs: ClockRun.Always };

    private static ClockPeriod Always(long seconds) => new(seconds, ClockRun.Always);

    private static ClockPeriod WorkingDays(long days) => new(days * Day, ClockRun.WorkingDays);

    private static ClockPeriod Days(long days) => new(days * Day, ClockRun.Days);
}
