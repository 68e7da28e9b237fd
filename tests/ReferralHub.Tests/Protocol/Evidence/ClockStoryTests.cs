using System.Text.Json.Nodes;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Evidence;

/// <summary>Whoever has the evidence of an urgent referral computes again what the hub said of clocks. Spec: docs/protocol.md §3.7, §5.</summary>
public sealed class ClockStoryTests
{
    [Fact]
    public void A_hub_calls_no_clock_missed_before_its_time_nor_one_that_does_not_run_nor_twice()
    {
        Assert.Null(Check(TimeSpan.FromHours(4), ClockKind.Acknowledge, TimeSpan.Zero, ClockStep.Breach));
        Assert.Null(Check(TimeSpan.FromHours(2), ClockKind.Acknowledge, TimeSpan.Zero, ClockStep.Reminder));
        Assert.Equal(EvidenceFault.Clock, Check(TimeSpan.FromHours(4) - TimeSpan.FromSeconds(1), ClockKind.Acknowledge, TimeSpan.Zero, ClockStep.Breach));
        Assert.Equal(EvidenceFault.Clock, Check(TimeSpan.FromHours(2) - TimeSpan.FromSeconds(1), ClockKind.Acknowledge, TimeSpan.Zero, ClockStep.Reminder));
        Assert.Equal(EvidenceFault.Clock, Check(TimeSpan.FromHours(4), ClockKind.Acknowledge, TimeSpan.Zero, ClockStep.Leads));
        Assert.Equal(EvidenceFault.Clock, Check(TimeSpan.FromHours(40), ClockKind.Decide, TimeSpan.Zero, ClockStep.Breach));
        Assert.Equal(EvidenceFault.Clock, Check(TimeSpan.FromHours(40), ClockKind.Acknowledge, TimeSpan.FromHours(1), ClockStep.Breach));
        Assert.Equal(EvidenceFault.Clock, Check(TimeSpan.FromHours(40), ClockKind.Acknowledge, TimeSpan.Zero, ClockStep.Breach, twice: true));
    }

    [Fact]
    public void A_clock_that_a_person_stopped_is_not_called_missed()
    {
        using var story = new Story().Send();
        var due = story.Logged.Last().At.AddHours(4);
        story.Act(story.Acknowledgement(HandoffAct.Delivered));
        story.Act(story.Acknowledgement(HandoffAct.Acknowledged) with { By = Handle.Parse("wrk0002") });
        story.Wait(TimeSpan.FromHours(5));
        story.Act(story.Overdue(ClockKind.Acknowledge, due, ClockStep.Breach));
        Assert.Equal(EvidenceFault.Clock, story.Check().Finding?.Fault);
    }

    [Fact]
    public void An_agreement_that_gives_less_time_counts_before_the_policy()
    {
        var quick = ClockTable.Default with { Urgent = ClockTable.Default.Urgent with { Acknowledge = new(10, ClockRun.Always) } };
        using var story = new Story { Say = statement => statement is Agreement agreement ? agreement with { Clocks = quick } : statement }.Send();
        story.Act(story.Overdue(ClockKind.Acknowledge, story.Logged.Last().At.AddSeconds(10), ClockStep.Breach));
        Assert.Null(story.Check().Finding);
    }

    [Fact]
    public void The_hours_that_an_agency_published_decide_when_its_clocks_end()
    {
        // Monday 2 March, 08:00 UTC: there it is 11:00, and it is open until 12:00 and again on Wednesday.
        OpeningTime[] morning = [OpeningTime.Parse("09:00-12:00")];
        var hours = WorkingHours.Default with { Zone = ZoneName.Parse("Asia/Baghdad"), Week = [morning, [], morning, [], [], [], []] };
        Assert.Null(Check(hours, published: true, Calendar(hours)));
        Assert.Null(Check(hours, published: false, WorkingCalendar.Default));
        Assert.Equal(EvidenceFault.Clock, Check(hours, published: true, WorkingCalendar.Default));
        Assert.Equal(EvidenceFault.Clock, Check(hours, published: false, Calendar(hours)));

        static WorkingCalendar Calendar(WorkingHours hours) => WorkingCalendar.TryMake(hours, out var calendar) ? calendar : throw new InvalidOperationException("tzdata");

        static EvidenceFault? Check(WorkingHours hours, bool published, WorkingCalendar counted)
        {
            using var story = new Story { Say = s => s is Referral referral ? referral with { Urgency = Urgency.Standard } : s }.Found();
            if (published) story.Act(story.Published(hours));
            story.SendWithin();
            var due = counted.Add(story.Logged.Last().At, new(86_400, ClockRun.WorkingDays));
            story.Wait(TimeSpan.FromDays(20));
            story.Act(story.Overdue(ClockKind.Acknowledge, due, ClockStep.Breach));
            return story.Check().Finding?.Fault;
        }
    }

    [Theory]
    [InlineData("act", "\"expired\"")]
    [InlineData("act", "\"due-soon\"")]
    [InlineData("act", "\"evidence\"")]
    [InlineData("step", "\"reminder\"")]
    [InlineData("step", null)]
    [InlineData("clock", null)]
    [InlineData("due", null)]
    [InlineData("ref", null)]
    [InlineData("after", null)]
    public void What_the_hub_says_of_a_clock_is_whole(string member, string? value)
    {
        using var story = new Story().Send();
        var payload = JsonNode.Parse(StrictJson.Write<Statement>(story.Overdue(ClockKind.Acknowledge, Story.Start, ClockStep.Breach)))!.AsObject();
        Assert.True(SignedStatement.TryRead(Token(payload), out _));
        if (value is null) payload.Remove(member);
        else payload[member] = JsonNode.Parse(value);
        Assert.False(SignedStatement.TryRead(Token(payload), out _));

        string Token(JsonObject said) => ReferralHub.Cryptography.Statements.Jws.Sign(
            story.Key("hub signing"), "hub-act+jws", System.Text.Encoding.ASCII.GetBytes(said.ToJsonString())).Token;
    }

    private static EvidenceFault? Check(TimeSpan later, ClockKind clock, TimeSpan off, ClockStep step, bool twice = false)
    {
        using var story = new Story().Send();
        var sent = story.Logged.Last().At;
        story.Wait(sent + later - story.Wait(TimeSpan.Zero));
        for (var time = 0; time < (twice ? 2 : 1); time++) story.Act(story.Overdue(clock, sent.AddHours(4) + off, step));
        return story.Check().Finding?.Fault;
    }
}
