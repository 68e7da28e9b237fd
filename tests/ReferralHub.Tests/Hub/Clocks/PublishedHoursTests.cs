using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Clocks;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Hub.Profiles;

namespace ReferralHub.Tests.Hub.Clocks;

/// <summary>Clocks count in the hours that an agency published, docs/protocol.md §3.7.</summary>
public sealed class PublishedHoursTests
{
    private static readonly OpeningTime[] Morning = [OpeningTime.Parse("09:00-12:00")];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_hours_published_last_before_an_act_decide_when_the_clock_it_starts_ends_and_whoever_has_the_evidence_computes_the_same()
    {
        await using var field = await TestField.Start();
        var (early, later) = (Hours("Asia/Baghdad", ["2026-03-04"]), Hours("America/Lima", []));
        await field.Receipt(PublishProfileTests.New(field) with { Hours = early });
        var handoff = await field.Handoff(HandoffState.Delivered);
        var sent = WireTime.Whole(field.Clock.Now);
        await field.Receipt((SenderAct)handoff.Act(HandoffAct.UrgencyChanged) with { Urgency = Urgency.Standard });
        Assert.Equal(Calendar(early).Add(sent, ClockTable.Default.Standard.Acknowledge), await DueAsync(field));
        Assert.NotEqual(WorkingCalendar.Default.Add(sent, ClockTable.Default.Standard.Acknowledge), await DueAsync(field));

        field.Clock.Now += TimeSpan.FromMinutes(10);
        await field.Receipt(PublishProfileTests.New(field) with { Hours = later });
        Assert.Equal(Calendar(early).Add(sent, ClockTable.Default.Standard.Acknowledge), await DueAsync(field));

        await handoff.Do(HandoffAct.Acknowledged);
        var due = Calendar(later).Add(field.Clock.Now, ClockTable.Default.Standard.Decide);
        Assert.Equal(due, await DueAsync(field));
        field.Clock.Now = due.AddDays(1);
        await field.Climb();
        var report = await field.Report(await field.Bundle(handoff, field.Police));
        Assert.Equal((null, HandoffState.Acknowledged), (report.Finding, report.Story?.State));
        Assert.Equal(2, report.Story!.Acts.Count(act => act.Statement is Profile));
    }

    private static WorkingHours Hours(string zone, string[] holidays) => WorkingHours.Default with
    {
        Zone = ZoneName.Parse(zone),
        Week = [Morning, [], Morning, Morning, [], [], []],
        Holidays = [.. holidays.Select(day => DateOnly.ParseExact(day, "yyyy-MM-dd"))],
    };

    private static WorkingCalendar Calendar(WorkingHours hours) =>
        WorkingCalendar.TryMake(hours, out var calendar) ? calendar : throw new InvalidOperationException("tzdata is missing.");

    private static Task<DateTimeOffset> DueAsync(TestField field) => field.Use(db => db.Set<ClockRecord>().Select(c => c.Due).SingleAsync(Ct));
}
