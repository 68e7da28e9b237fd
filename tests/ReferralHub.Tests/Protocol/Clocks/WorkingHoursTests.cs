using System.Text;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Clocks;

/// <summary>The wire form of docs/protocol.md §3.7.</summary>
public sealed class WorkingHoursTests
{
    private const string Good = """
        {"zone":"Europe/Berlin","week":[["09:00-12:00","13:00-24:00"],["09:00-17:00"],[],[],[],[],["00:00-00:01"]],"holidays":["2026-12-25","2027-01-01"]}
        """;

    [Fact]
    public void Hours_are_read_and_written_as_the_page_says()
    {
        Assert.True(StrictJson.TryRead<WorkingHours>(Encoding.ASCII.GetBytes(Good), out var hours));
        Assert.True(hours.IsWellFormed);
        Assert.Equal((780, 1440), (hours.Week[0][1].From, hours.Week[0][1].Until));
        Assert.Equal(Good, Encoding.ASCII.GetString(StrictJson.Write(hours)));
    }

    [Theory]
    [InlineData("Europe/Berlin", "../etc/passwd")]
    [InlineData("Europe/Berlin", "Europe/Berlin/A/B")]
    [InlineData("Europe/Berlin", "/Berlin")]
    [InlineData("Europe/Berlin", "Europe/")]
    [InlineData("Europe/Berlin", "Europe/B.rlin")]
    [InlineData("09:00-17:00", "9:00-17:00")]
    [InlineData("09:00-17:00", "09:00-24:01")]
    [InlineData("09:00-17:00", "24:00-24:00")]
    [InlineData("09:00-17:00", "09:60-17:00")]
    [InlineData("09:00-17:00", "17:00-09:00")]
    [InlineData("09:00-17:00", "09:00-09:00")]
    [InlineData("13:00-24:00", "12:00-24:00")]
    [InlineData("\"13:00-24:00\"", "\"12:30-13:00\",\"14:00-15:00\",\"16:00-17:00\"")]
    [InlineData("2026-12-25", "2026-02-30")]
    [InlineData("2026-12-25", "2026-12-5")]
    [InlineData("2026-12-25", "2027-01-01")]
    [InlineData("2026-12-25", "2027-01-02")]
    [InlineData(",[\"00:00-00:01\"]", "")]
    [InlineData("[[\"09:00-12:00\",\"13:00-24:00\"],[\"09:00-17:00\"],[],[],[],[],[\"00:00-00:01\"]]", "[[],[],[],[],[],[],[]]")]
    public void What_contradicts_itself_is_no_opening_time(string part, string bad)
    {
        Assert.Contains(part, Good, StringComparison.Ordinal);
        var text = Good.Replace(part, bad, StringComparison.Ordinal);
        Assert.False(StrictJson.TryRead<WorkingHours>(Encoding.ASCII.GetBytes(text), out var hours) && hours.IsWellFormed);
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public void There_are_at_most_60_holidays(int count, bool good) =>
        Assert.Equal(good, (WorkingHours.Default with { Holidays = [.. Enumerable.Range(0, count).Select(new DateOnly(2026, 1, 1).AddDays)] }).IsWellFormed);
}
