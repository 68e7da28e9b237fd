using System.Text.RegularExpressions;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Clocks;

/// <summary>The name of a time zone in the IANA database, as <c>Europe/Berlin</c>: at most 40 characters, at most three parts.</summary>
public sealed partial record ZoneName : WireText<ZoneName>, IWireText<ZoneName>
{
    private ZoneName(string text)
        : base(text)
    {
    }

    /// <inheritdoc/>
    public static Regex Grammar => Pattern();

    /// <inheritdoc/>
    public static ZoneName Wrap(string text) => new(text);

    // No dot: a name is looked up as a file.
    [GeneratedRegex(@"^(?=.{1,40}\z)[A-Za-z][A-Za-z0-9+_-]*(/[A-Za-z0-9+_-]+){0,2}\z")]
    private static partial Regex Pattern();
}

/// <summary>From when until when an agency is open on a day, in local time: <c>09:00-17:30</c>. <c>24:00</c> is the end of the day.</summary>
public sealed partial record OpeningTime : WireText<OpeningTime>, IWireText<OpeningTime>
{
    private OpeningTime(string text)
        : base(text) => (From, Until) = (Minute(text.AsSpan(0, 5)), Minute(text.AsSpan(6, 5)));

    /// <inheritdoc/>
    public static Regex Grammar => Pattern();

    /// <summary>First open minute, counted from midnight on the clock on the wall.</summary>
    public int From { get; }

    /// <summary>First minute in which it is closed again; 1,440 is the end of the day.</summary>
    public int Until { get; }

    /// <inheritdoc/>
    public static OpeningTime Wrap(string text) => new(text);

    private static int Minute(ReadOnlySpan<char> text) => ((((text[0] - '0') * 10) + text[1] - '0') * 60) + ((text[3] - '0') * 10) + text[4] - '0';

    [GeneratedRegex(@"^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)\z")]
    private static partial Regex Pattern();
}

/// <summary>When people of an agency are at work: what its clocks count. Spec: docs/protocol.md §3.7.</summary>
public sealed record WorkingHours
{
    /// <summary>What counts for an agency that has published none: Monday to Friday, 09:00 to 17:00 UTC.</summary>
    public static WorkingHours Default { get; } = new()
    {
        Zone = ZoneName.Parse("UTC"),
        Week = [.. Enumerable.Range(0, 7).Select(day => day < 5 ? new[] { OpeningTime.Parse("09:00-17:00") } : [])],
        Holidays = [],
    };

    /// <summary>Where its clocks on the wall go by.</summary>
    public required ZoneName Zone { get; init; }

    /// <summary>Seven days from Monday on, each with its opening times in order: none when closed, at most three.</summary>
    public required IReadOnlyList<IReadOnlyList<OpeningTime>> Week { get; init; }

    /// <summary>Local dates on which it is closed whatever day of the week it is: ascending, none twice, at most 60.</summary>
    public required IReadOnlyList<DateOnly> Holidays { get; init; }

    /// <summary>
    /// Whether the members agree with each other, beyond what their types say. Whether the zone is known is another question,
    /// which each machine answers for itself: <see cref="WorkingCalendar.TryMake"/>.
    /// </summary>
    public bool IsWellFormed =>
        Week.Count == 7 && Week.All(IsDay) && Week.Any(day => day.Count > 0)
        && Holidays.Count <= 60 && Holidays.Zip(Holidays.Skip(1)).All(pair => pair.First < pair.Second);

    private static bool IsDay(IReadOnlyList<OpeningTime> day) =>
        day.Count <= 3 && day.All(open => open.From < open.Until) && day.Zip(day.Skip(1)).All(pair => pair.First.Until < pair.Second.From);
}
