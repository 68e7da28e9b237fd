using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Clocks;

/// <summary>
/// Working time of one agency. A moment is open when the clock on its wall shows an opening time of that weekday and the date
/// there is no holiday: when clocks are set back, what is shown twice is open twice. May be used by many at once.
/// Spec: docs/protocol.md §3.7.
/// </summary>
public sealed class WorkingCalendar
{
    private const long DaySeconds = 86_400;

    private readonly WorkingHours _hours;
    private readonly TimeZoneInfo _zone;
    private readonly HashSet<DateOnly> _holidays;
    private readonly ConcurrentDictionary<DateOnly, OpenDay> _days = new();

    private WorkingCalendar(WorkingHours hours, TimeZoneInfo zone)
    {
        (_hours, _zone) = (hours, zone);
        _holidays = [.. hours.Holidays];
    }

    /// <summary>That of <see cref="WorkingHours.Default"/>.</summary>
    public static WorkingCalendar Default { get; } = new(WorkingHours.Default, TimeZoneInfo.Utc);

    /// <summary>Makes one; false when this machine does not know the zone (Debian: package tzdata).</summary>
    /// <param name="hours">Well-formed hours.</param>
    /// <param name="calendar">Their calendar.</param>
    public static bool TryMake(WorkingHours hours, [NotNullWhen(true)] out WorkingCalendar? calendar)
    {
        ArgumentNullException.ThrowIfNull(hours);
        calendar = TimeZoneInfo.TryFindSystemTimeZoneById(hours.Zone.ToString(), out var zone) ? new(hours, zone) : null;
        return calendar is not null;
    }

    /// <summary>Whether the agency is open in the second that begins at <paramref name="at"/>.</summary>
    public bool IsOpen(DateTimeOffset at) => NextOpen(at) == WireTime.Whole(at);

    /// <summary>When a clock ends that starts at <paramref name="start"/>: the last second counted rounds up.</summary>
    public DateTimeOffset Add(DateTimeOffset start, ClockPeriod period)
    {
        ArgumentNullException.ThrowIfNull(period);
        var from = WireTime.Whole(start);
        return period.Runs switch
        {
            ClockRun.Always => from.AddSeconds(period.Seconds),
            ClockRun.Days => NextOpen(from.AddSeconds(period.Seconds)),
            ClockRun.OpenHours or ClockRun.WorkingDays => Walk(from, period),
        };
    }

    /// <summary>How many seconds such a clock counts from one time to the other, rounded up; 0 when there are none between.</summary>
    public long Count(DateTimeOffset start, DateTimeOffset end, ClockRun runs)
    {
        var (from, until) = (WireTime.Whole(start), WireTime.Whole(end));
        if (until <= from) return 0;
        if (runs is ClockRun.Always or ClockRun.Days) return (until - from).Ticks / TimeSpan.TicksPerSecond;

        var sum = default(Ratio);
        foreach (var day in DaysFrom(from))
        {
            if (day.Begin >= until) break;
            sum = sum.Plus((day.SecondsBefore(until) - day.SecondsBefore(from)) * DaySeconds, Whole(day, runs));
        }

        return sum.Ceiling;
    }

    private DateTimeOffset NextOpen(DateTimeOffset at)
    {
        var from = WireTime.Whole(at);
        foreach (var day in DaysFrom(from))
        {
            if (day.SecondsBefore(from) < day.Seconds) return day.After(day.SecondsBefore(from));
        }

        throw new InvalidOperationException("There is no opening time.");
    }

    private DateTimeOffset Walk(DateTimeOffset from, ClockPeriod period)
    {
        var left = new Ratio(period.Seconds, 1);
        foreach (var day in DaysFrom(from))
        {
            var whole = Whole(day, period.Runs);
            var before = day.SecondsBefore(from);
            var needed = left.Times(whole, DaySeconds).Ceiling;
            if (needed <= day.Seconds - before) return day.Ending(before + needed);
            left = left.Plus((before - day.Seconds) * DaySeconds, whole);
        }

        throw new InvalidOperationException("There is no opening time.");
    }

    // What the opening time of the day counts for: of working days each is one, however long.
    private static long Whole(OpenDay day, ClockRun runs) => runs == ClockRun.WorkingDays ? day.Seconds : DaySeconds;

    // A date that the clock shows may begin up to a day away from the same date in UTC.
    private IEnumerable<OpenDay> DaysFrom(DateTimeOffset from)
    {
        for (var date = DateOnly.FromDateTime(from.UtcDateTime).AddDays(-1); date < DateOnly.MaxValue.AddDays(-2); date = date.AddDays(1))
        {
            var day = _days.GetOrAdd(date, Read);
            if (day.Seconds > 0 && day.End > from) yield return day;
        }
    }

    private OpenDay Read(DateOnly date)
    {
        var times = _holidays.Contains(date) ? [] : _hours.Week[((int)date.DayOfWeek + 6) % 7];
        return times.Count == 0 ? OpenDay.Closed : new([.. times.SelectMany(open => Spans(date, open)).OrderBy(span => span.From)]);
    }

    // The spans of time in which the clock on the wall shows this: one, but two or none where it is set in between.
    private IEnumerable<OpenSpan> Spans(DateOnly date, OpeningTime open)
    {
        var midnight = new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        foreach (var (from, until, offset) in Offsets(midnight.AddHours(-15), midnight.AddHours(39)))
        {
            var first = midnight.AddMinutes(open.From) - offset;
            var last = midnight.AddMinutes(open.Until) - offset;
            var span = new OpenSpan(first > from ? first : from, last < until ? last : until);
            if (span.From < span.Until) yield return span;
        }
    }

    // Looks every three hours and then halves: no zone has ever gone there and back in less.
    private IEnumerable<(DateTimeOffset From, DateTimeOffset Until, TimeSpan Offset)> Offsets(DateTimeOffset from, DateTimeOffset until)
    {
        var (begin, offset) = (from, _zone.GetUtcOffset(from));
        for (var at = from; at < until; at = at.AddHours(3))
        {
            var next = at.AddHours(3);
            if (_zone.GetUtcOffset(next) == offset) continue;
            var (low, high) = (at, next);
            while (high - low > TimeSpan.FromSeconds(1))
            {
                var middle = WireTime.Whole(low + ((high - low) / 2));
                if (_zone.GetUtcOffset(middle) == offset) low = middle;
                else high = middle;
            }

            yield return (begin, high, offset);
            (begin, offset) = (high, _zone.GetUtcOffset(high));
        }

        yield return (begin, until, offset);
    }

    private readonly record struct OpenSpan(DateTimeOffset From, DateTimeOffset Until)
    {
        public long Seconds => (Until - From).Ticks / TimeSpan.TicksPerSecond;
    }

    private sealed class OpenDay(IReadOnlyList<OpenSpan> spans)
    {
        public static readonly OpenDay Closed = new([]);

        public long Seconds { get; } = spans.Sum(span => span.Seconds);

        public DateTimeOffset Begin => spans[0].From;

        public DateTimeOffset End => spans[^1].Until;

        /// <summary>How many of its open seconds lie before <paramref name="at"/>.</summary>
        public long SecondsBefore(DateTimeOffset at) =>
            spans.Sum(span => at <= span.From ? 0 : at >= span.Until ? span.Seconds : (at - span.From).Ticks / TimeSpan.TicksPerSecond);

        /// <summary>Where the open second begins that has <paramref name="seconds"/> before it.</summary>
        public DateTimeOffset After(long seconds) => Ending(seconds + 1).AddSeconds(-1);

        /// <summary>Where the open second with this number ends, from 1 on.</summary>
        public DateTimeOffset Ending(long number)
        {
            foreach (var span in spans)
            {
                if (number <= span.Seconds) return span.From.AddSeconds(number);
                number -= span.Seconds;
            }

            throw new ArgumentOutOfRangeException(nameof(number));
        }
    }

    // Days differ in length, so a share of one is no whole number of anything.
    private readonly struct Ratio
    {
        private readonly Int128 _over;
        private readonly Int128 _under;

        public Ratio(Int128 over, Int128 under)
        {
            var (a, b) = (Int128.Abs(over), under);
            while (b != 0) (a, b) = (b, a % b);
            (_over, _under) = a == 0 ? (0, 1) : (over / a, under / a);
        }

        public long Ceiling => (long)(_over <= 0 ? _over / Under : (_over + Under - 1) / Under);

        private Int128 Under => _under == 0 ? 1 : _under;

        public Ratio Plus(Int128 over, Int128 under) => new((_over * under) + (over * Under), Under * under);

        public Ratio Times(Int128 over, Int128 under) => new(_over * over, Under * under);
    }
}
