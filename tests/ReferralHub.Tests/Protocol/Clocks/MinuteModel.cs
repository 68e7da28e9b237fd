using System.Numerics;
using ReferralHub.Protocol.Clocks;

namespace ReferralHub.Tests.Protocol.Clocks;

/// <summary>Working time by looking at the wall once a minute, and at nothing else.</summary>
internal sealed class MinuteModel
{
    private readonly WorkingHours _hours;
    private readonly DateTimeOffset _begin;
    private readonly (DateOnly Date, bool Open)[] _minutes;
    private readonly Dictionary<DateOnly, int> _open;

    public MinuteModel(WorkingHours hours, DateTimeOffset begin, int days)
    {
        (_hours, _begin) = (hours, begin);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(hours.Zone.ToString());
        _minutes = [.. Enumerable.Range(0, days * 1440).Select(minute => Look(TimeZoneInfo.ConvertTime(begin.AddMinutes(minute), zone)))];
        _open = _minutes.Where(m => m.Open).CountBy(m => m.Date).ToDictionary();
    }

    public bool IsOpen(DateTimeOffset at) => _minutes[Index(at)].Open;

    /// <summary>The end of the minute in which so many seconds have counted.</summary>
    public DateTimeOffset Add(DateTimeOffset start, ClockPeriod period)
    {
        if (period.Runs == ClockRun.Always) return start.AddSeconds(period.Seconds);
        if (period.Runs == ClockRun.Days)
        {
            var end = Index(start.AddSeconds(period.Seconds));
            while (!_minutes[end].Open) end++;
            return _begin.AddMinutes(end);
        }

        // Shares of days by a denominator that every length of a day divides: exact.
        var whole = _open.Values.Distinct().Aggregate(BigInteger.One, (product, length) => product * length);
        BigInteger counted = 0;
        for (var minute = Index(start); ; minute++)
        {
            if (!_minutes[minute].Open) continue;
            counted += period.Runs == ClockRun.WorkingDays ? whole * 86_400 / _open[_minutes[minute].Date] : whole * 60;
            if (counted >= whole * period.Seconds) return _begin.AddMinutes(minute + 1);
        }
    }

    private int Index(DateTimeOffset at) => (int)((at - _begin).Ticks / TimeSpan.TicksPerMinute);

    private (DateOnly, bool) Look(DateTimeOffset wall)
    {
        var date = DateOnly.FromDateTime(wall.DateTime);
        var times = _hours.Week[date.DayOfWeek == DayOfWeek.Sunday ? 6 : (int)date.DayOfWeek - 1];
        var shown = wall.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture);
        return (date, !_hours.Holidays.Contains(date)
            && times.Any(open => string.CompareOrdinal(open.ToString()[..5], shown) <= 0 && string.CompareOrdinal(shown, open.ToString()[6..]) < 0));
    }
}
