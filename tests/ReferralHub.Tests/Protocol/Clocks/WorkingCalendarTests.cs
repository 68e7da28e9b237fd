using System.Globalization;
using ReferralHub.Protocol.Clocks;

namespace ReferralHub.Tests.Protocol.Clocks;

/// <summary>Working time of docs/protocol.md §3.7: real zones, days on which clocks are set, against a model that steps through minutes.</summary>
public sealed class WorkingCalendarTests
{
    private static readonly string[] Office = ["09:00-17:00"];

    /// <summary>Zones, and weeks around the days on which their clocks are set.</summary>
    public static TheoryData<string, string> Weeks => new()
    {
        { "UTC", "2026-03-02" },
        { "Europe/Berlin", "2026-03-23" },
        { "Europe/Berlin", "2026-10-19" },
        { "America/New_York", "2026-03-02" },
        { "America/New_York", "2026-10-26" },
        { "Australia/Lord_Howe", "2026-03-30" },
        { "Australia/Lord_Howe", "2026-09-28" },
        { "Asia/Kathmandu", "2026-06-01" },
        { "Africa/Casablanca", "2026-02-09" },
        { "Pacific/Apia", "2011-12-26" },
        { "Pacific/Kiritimati", "2026-06-01" },
        { "Asia/Beirut", "2026-03-23" },
    };

    [Theory]
    [MemberData(nameof(Weeks))]
    public void Every_time_is_that_of_a_model_that_looks_at_the_wall_each_minute(string zone, string monday)
    {
        var begin = At($"{monday}T00:00:00Z");
        var random = new Draw($"{zone} {monday}");
        for (var round = 0; round < 3; round++)
        {
            var hours = DrawHours(random, zone, DateOnly.FromDateTime(begin.UtcDateTime));
            Assert.True(hours.IsWellFormed);
            var calendar = Calendar(hours);
            var model = new MinuteModel(hours, begin.AddDays(-3), 80);
            for (var minute = 0; minute < 14 * 1440; minute += 7)
                Assert.Equal(model.IsOpen(begin.AddMinutes(minute)), calendar.IsOpen(begin.AddMinutes(minute)));

            for (var draw = 0; draw < 40; draw++)
            {
                var start = begin.AddMinutes(random.Next(14 * 1440));
                foreach (var runs in Enum.GetValues<ClockRun>())
                {
                    // Up to four working days, for which a week of one short day needs a month.
                    var period = new ClockPeriod(
                        runs switch
                        {
                            ClockRun.OpenHours => 1 + random.Next(7200),
                            ClockRun.Days => 60 * (1 + random.Next(4 * 1440)),
                            _ => 1 + random.Next(4 * 86_400),
                        },
                        runs);
                    var due = calendar.Add(start, period);
                    if (runs is ClockRun.Always) Assert.Equal(start.AddSeconds(period.Seconds), due);
                    else Assert.Equal(model.Add(start, period), WholeMinute(due));
                    if (runs is ClockRun.OpenHours) Assert.Equal(period.Seconds, calendar.Count(start, due, runs));
                    if (runs is ClockRun.WorkingDays) Counts(calendar, start, due, period);
                }
            }
        }
    }

    [Theory]
    // Berlin, 09:00 to 17:00: a working day later on the clock on the wall, over the night, a weekend, a holiday, summer time.
    [InlineData("2026-03-24T14:00:00Z", 1, "2026-03-25T14:00:00Z")]
    [InlineData("2026-03-27T14:00:00Z", 1, "2026-03-30T13:00:00Z")]
    [InlineData("2026-03-27T14:00:00Z", 4, "2026-04-02T13:00:00Z")]
    [InlineData("2026-04-02T13:00:00Z", 1, "2026-04-07T13:00:00Z")]
    [InlineData("2026-10-23T13:00:00Z", 1, "2026-10-26T14:00:00Z")]
    // Sent while closed it counts from the next opening, and a whole day ends with the day.
    [InlineData("2026-03-24T20:00:00Z", 1, "2026-03-25T16:00:00Z")]
    [InlineData("2026-03-28T10:00:00Z", 1, "2026-03-30T15:00:00Z")]
    public void A_working_day_is_the_whole_opening_time_of_one_open_date(string start, int days, string due) =>
        Assert.Equal(At(due), Calendar(Hours("Europe/Berlin", "2026-04-03", "2026-04-06")).Add(At(start), new(days * 86_400, ClockRun.WorkingDays)));

    [Fact]
    public void A_short_day_is_a_working_day_too_and_a_clock_runs_evenly_in_it()
    {
        var hours = Hours("UTC") with { Week = [Week("09:00-17:00"), Week("09:00-13:00"), [], [], [], [], []] };

        // Monday at a quarter of the day; Tuesday at a quarter of a day half as long.
        Assert.Equal(At("2026-03-03T10:00:00Z"), Calendar(hours).Add(At("2026-03-02T11:00:00Z"), new(86_400, ClockRun.WorkingDays)));
        Assert.Equal(At("2026-03-03T12:00:00Z"), Calendar(hours).Add(At("2026-03-02T16:00:00Z"), new(4 * 3600, ClockRun.OpenHours)));
    }

    [Fact]
    public void An_hour_that_the_wall_shows_twice_is_open_twice_and_one_that_it_skips_never()
    {
        var hours = Hours("Europe/Berlin") with { Week = [[], [], [], [], [], [], Week("02:00-03:00")] };
        Assert.Equal(2 * 3600, Calendar(hours).Count(At("2026-10-24T12:00:00Z"), At("2026-10-25T12:00:00Z"), ClockRun.OpenHours));
        Assert.Equal(0, Calendar(hours).Count(At("2026-03-28T12:00:00Z"), At("2026-03-29T12:00:00Z"), ClockRun.OpenHours));
    }

    [Fact]
    public void Days_count_every_second_and_end_while_somebody_is_there()
    {
        var calendar = Calendar(Hours("UTC"));
        Assert.Equal(At("2026-04-01T10:30:00Z"), calendar.Add(At("2026-03-02T10:30:00Z"), new(30 * 86_400, ClockRun.Days)));
        Assert.Equal(At("2026-04-06T09:00:00Z"), calendar.Add(At("2026-03-06T10:30:00Z"), new(29 * 86_400, ClockRun.Days)));
    }

    [Fact]
    public void A_zone_that_this_machine_does_not_know_makes_no_calendar() =>
        Assert.False(WorkingCalendar.TryMake(Hours("Nowhere/Town"), out _));

    [Fact]
    public void Without_published_hours_an_agency_is_open_from_Monday_to_Friday()
    {
        Assert.True(WorkingHours.Default.IsWellFormed);
        Assert.Equal(At("2026-03-09T12:00:00Z"), WorkingCalendar.Default.Add(At("2026-03-06T12:00:00Z"), new(86_400, ClockRun.WorkingDays)));
    }

    internal static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);

    internal static WorkingCalendar Calendar(WorkingHours hours) =>
        WorkingCalendar.TryMake(hours, out var calendar) ? calendar : throw new InvalidOperationException("no such zone");

    internal static WorkingHours Hours(string zone, params string[] holidays) => new()
    {
        Zone = ZoneName.Parse(zone),
        Week = [.. Enumerable.Range(0, 7).Select(day => Week(day < 5 ? Office : []))],
        Holidays = [.. holidays.Select(date => DateOnly.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture))],
    };

    private static OpeningTime[] Week(params string[] times) => [.. times.Select(OpeningTime.Parse)];

    // Counting back what was added gives it again, but for the second to which the end was rounded.
    private static void Counts(WorkingCalendar calendar, DateTimeOffset start, DateTimeOffset due, ClockPeriod period)
    {
        Assert.True(calendar.Count(start, due, period.Runs) >= period.Seconds);
        Assert.True(calendar.Count(start, due.AddSeconds(-1), period.Runs) <= period.Seconds);
    }

    private static DateTimeOffset WholeMinute(DateTimeOffset time) =>
        new((time.UtcTicks + TimeSpan.TicksPerMinute - 1) / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute, TimeSpan.Zero);

    private static WorkingHours DrawHours(Draw random, string zone, DateOnly monday)
    {
        IReadOnlyList<OpeningTime>[] week = [.. Enumerable.Range(0, 7).Select(_ => DrawDay(random))];
        if (week.All(day => day.Count == 0)) week[random.Next(7)] = Week("00:00-24:00");
        return new()
        {
            Zone = ZoneName.Parse(zone),
            Week = week,
            Holidays = [.. Enumerable.Range(0, 4).Select(_ => monday.AddDays(random.Next(20))).Distinct().Order()],
        };
    }

    private static OpeningTime[] DrawDay(Draw random)
    {
        int[] edges = [.. Enumerable.Range(0, 2 * random.Next(4)).Select(_ => random.Next(1441)).Distinct().Order()];
        return
        [
            .. edges.Chunk(2).Where(pair => pair.Length == 2)
                .Select(pair => OpeningTime.Parse($"{Spell(pair[0])}-{Spell(pair[1])}")),
        ];
    }

    private static string Spell(int minute) => FormattableString.Invariant($"{minute / 60:00}:{minute % 60:00}");
}
