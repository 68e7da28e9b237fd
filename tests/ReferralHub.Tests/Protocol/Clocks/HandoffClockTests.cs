using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;
using Act = ReferralHub.Protocol.Handoffs.HandoffAct;

namespace ReferralHub.Tests.Protocol.Clocks;

/// <summary>The clocks of docs/protocol.md §3.7.</summary>
public sealed class HandoffClockTests
{
    private static readonly DateTimeOffset Monday = WorkingCalendarTests.At("2026-03-02T10:00:00Z");
    private static readonly ClockSetting Setting = new(ClockTable.Default, WorkingCalendar.Default, WorkingCalendar.Default);

    [Theory]
    [InlineData(Urgency.Emergency, "2026-03-02T11:00:00Z", "2026-03-02T14:00:00Z", "2026-03-03T10:00:00Z")]
    [InlineData(Urgency.Urgent, "2026-03-02T14:00:00Z", "2026-03-03T10:00:00Z", "2026-03-05T10:00:00Z")]
    [InlineData(Urgency.Standard, "2026-03-03T10:00:00Z", "2026-03-05T10:00:00Z", "2026-03-16T10:00:00Z")]
    [InlineData(Urgency.Planned, "2026-03-05T10:00:00Z", "2026-03-16T10:00:00Z", "2026-04-01T10:00:00Z")]
    public void Each_urgency_has_its_times_to_acknowledge_decide_and_update(Urgency urgency, string acknowledge, string decide, string update)
    {
        string[] due = [.. new[] { ClockKind.Acknowledge, ClockKind.Decide, ClockKind.Update }.Select(kind => WireTime.Text(HandoffClock.Run(kind, urgency, Monday, Setting).Due))];
        Assert.Equal([acknowledge, decide, update], due);
    }

    [Fact]
    public void Emergency_and_urgent_run_day_and_night_the_others_while_the_recipient_is_open()
    {
        var saturday = Monday.AddDays(5);
        var closed = Setting with { Recipient = WorkingCalendarTests.Calendar(WorkingCalendarTests.Hours("UTC", "2026-03-09")) };
        Assert.Equal(saturday.AddHours(1), HandoffClock.Start(Urgency.Emergency, saturday, closed).Due);
        Assert.Equal(saturday.AddHours(4), HandoffClock.Start(Urgency.Urgent, saturday, closed).Due);
        Assert.Equal(WorkingCalendarTests.At("2026-03-10T17:00:00Z"), HandoffClock.Start(Urgency.Standard, saturday, closed).Due);
        Assert.Equal(WorkingCalendarTests.At("2026-03-12T17:00:00Z"), HandoffClock.Start(Urgency.Planned, saturday, closed).Due);
    }

    [Fact]
    public void What_the_sender_owes_runs_in_the_senders_hours()
    {
        var sender = WorkingCalendarTests.Calendar(WorkingCalendarTests.Hours("UTC", "2026-03-03"));
        var clock = HandoffClock.Run(ClockKind.Answer, Urgency.Standard, Monday, Setting with { Sender = sender });
        Assert.Equal((Party.Sender, WorkingCalendarTests.At("2026-03-06T10:00:00Z")), (clock.Owner, clock.Due));
    }

    [Fact]
    public void Only_a_persons_act_stops_a_clock()
    {
        var sent = HandoffClock.Start(Urgency.Urgent, Monday, Setting);
        Assert.Same(sent, sent.Next(Act.Delivered, HandoffState.Delivered, Urgency.Urgent, Monday.AddMinutes(1), Setting));
        Assert.Same(sent, sent.Next(Act.ContentMismatch, HandoffState.Delivered, Urgency.Urgent, Monday.AddMinutes(1), Setting));
        Assert.Same(sent, sent.Next(Act.Withdrawn, HandoffState.Delivered, Urgency.Urgent, Monday.AddMinutes(1), Setting));
        Assert.Equal(ClockKind.Decide, sent.Next(Act.Acknowledged, HandoffState.Acknowledged, Urgency.Urgent, Monday.AddMinutes(1), Setting)!.Kind);

        var accepted = HandoffClock.Run(ClockKind.Update, Urgency.Urgent, Monday, Setting);
        Assert.Same(accepted, accepted.Next(Act.ContentMismatch, HandoffState.Accepted, Urgency.Urgent, Monday.AddHours(1), Setting));
    }

    [Fact]
    public void Every_state_has_the_one_clock_of_who_owes_the_next_step()
    {
        var clocks = Enum.GetValues<HandoffState>().Where(state => HandoffClock.Of(state) is not null)
            .ToDictionary(state => state, state => (HandoffClock.Of(state)!.Value, HandoffClock.OwnerOf(HandoffClock.Of(state)!.Value)));
        Assert.Equal(
            new Dictionary<HandoffState, (ClockKind, Party)>
            {
                [HandoffState.Sent] = (ClockKind.Acknowledge, Party.Recipient),
                [HandoffState.Delivered] = (ClockKind.Acknowledge, Party.Recipient),
                [HandoffState.Acknowledged] = (ClockKind.Decide, Party.Recipient),
                [HandoffState.InformationRequested] = (ClockKind.Answer, Party.Sender),
                [HandoffState.Accepted] = (ClockKind.Update, Party.Recipient),
                [HandoffState.InProgress] = (ClockKind.Update, Party.Recipient),
                [HandoffState.OnHold] = (ClockKind.Update, Party.Recipient),
                [HandoffState.Completed] = (ClockKind.Close, Party.Sender),
                [HandoffState.Failed] = (ClockKind.Close, Party.Sender),
            },
            clocks);
        Assert.All(Enum.GetValues<HandoffState>(), state => Assert.Equal(Handoff.IsTerminal(state), HandoffClock.Of(state) is null));
    }

    [Fact]
    public void A_word_of_the_recipient_begins_the_next_time_to_update()
    {
        var clock = HandoffClock.Run(ClockKind.Update, Urgency.Urgent, Monday, Setting);
        foreach (var act in new[] { Act.InProgress, Act.OnHold, Act.InterimNote, Act.Appointment, Act.NoShow })
            Assert.Equal(Monday.AddHours(73), clock.Next(act, HandoffState.InProgress, Urgency.Urgent, Monday.AddHours(1), Setting)!.Due);
    }

    [Fact]
    public void A_question_pauses_the_decision_and_the_sender_owes_the_answer_within_the_same_time()
    {
        // Acknowledged on Monday at ten, three working days to decide; asked on Tuesday at noon, when one and three eighths are over.
        var decide = HandoffClock.Run(ClockKind.Decide, Urgency.Standard, Monday, Setting);
        var asked = WorkingCalendarTests.At("2026-03-03T13:00:00Z");
        var answer = decide.Next(Act.InformationRequested, HandoffState.InformationRequested, Urgency.Standard, asked, Setting)!;
        Assert.Equal((ClockKind.Answer, Party.Sender, WorkingCalendarTests.At("2026-03-06T13:00:00Z")), (answer.Kind, answer.Owner, answer.Due));

        // Answered on Thursday at nine: what was left then is left now.
        var again = answer.Next(Act.InformationProvided, HandoffState.Acknowledged, Urgency.Standard, WorkingCalendarTests.At("2026-03-05T09:00:00Z"), Setting)!;
        Assert.Equal((ClockKind.Decide, Party.Recipient, WorkingCalendarTests.At("2026-03-06T14:00:00Z")), (again.Kind, again.Owner, again.Due));
        Assert.Null(again.Left);
    }

    [Fact]
    public void A_question_after_the_time_is_over_wins_none_back()
    {
        var decide = HandoffClock.Run(ClockKind.Decide, Urgency.Emergency, Monday, Setting);
        var answer = decide.Next(Act.InformationRequested, HandoffState.InformationRequested, Urgency.Emergency, Monday.AddHours(5), Setting)!;
        Assert.Equal(Monday.AddHours(9), answer.Due);
        Assert.Equal(Monday.AddHours(6), answer.Next(Act.InformationProvided, HandoffState.Acknowledged, Urgency.Emergency, Monday.AddHours(6), Setting)!.Due);

        // Also where the next second that counts is that of the next opening.
        decide = HandoffClock.Run(ClockKind.Decide, Urgency.Standard, Monday, Setting);
        answer = decide.Next(Act.InformationRequested, HandoffState.InformationRequested, Urgency.Standard, decide.Due.AddHours(1), Setting)!;
        var night = decide.Due.AddHours(12);
        Assert.Equal(night, answer.Next(Act.InformationProvided, HandoffState.Acknowledged, Urgency.Standard, night, Setting)!.Due);
    }

    [Fact]
    public void A_decision_that_is_paused_has_its_whole_new_time_after_a_change_of_urgency()
    {
        var decide = HandoffClock.Run(ClockKind.Decide, Urgency.Urgent, Monday, Setting);
        var answer = decide.Next(Act.InformationRequested, HandoffState.InformationRequested, Urgency.Urgent, Monday.AddHours(23), Setting)!;
        var sooner = Changed(answer, Urgency.Emergency, Monday.AddHours(24));
        Assert.Equal(Monday.AddHours(29), sooner.Next(Act.InformationProvided, HandoffState.Acknowledged, Urgency.Emergency, Monday.AddHours(25), Setting)!.Due);
    }

    [Fact]
    public void A_change_of_urgency_counts_anew_from_where_the_clock_began_but_never_less_than_its_time_from_the_change()
    {
        var planned = HandoffClock.Start(Urgency.Planned, Monday, Setting);
        var at = Monday.AddHours(20);
        Assert.Equal(at.AddHours(1), Changed(planned, Urgency.Emergency, at).Due);
        Assert.Equal(planned.Due, Changed(planned, Urgency.Emergency, planned.Due.AddMinutes(-30)).Due);

        var emergency = HandoffClock.Start(Urgency.Emergency, Monday, Setting);
        Assert.Equal(planned.Due, Changed(emergency, Urgency.Planned, Monday.AddMinutes(30)).Due);
        Assert.Equal(Monday, Changed(emergency, Urgency.Planned, Monday.AddMinutes(30)).Since);
    }

    [Fact]
    public void The_chain_climbs_at_half_at_the_breach_half_a_period_later_and_one_period_later()
    {
        var clock = HandoffClock.Start(Urgency.Emergency, Monday, Setting);
        Assert.Equal(
            [Monday.AddMinutes(30), Monday.AddMinutes(60), Monday.AddMinutes(90), Monday.AddMinutes(120)],
            Enum.GetValues<ClockStep>().Select(clock.At));

        // A missed decision climbs as fast as people must react, not as slowly as they may decide.
        var decide = HandoffClock.Run(ClockKind.Decide, Urgency.Emergency, Monday, Setting);
        Assert.Equal(
            [Monday.AddHours(2), Monday.AddHours(4), Monday.AddHours(4.5), Monday.AddHours(5)],
            Enum.GetValues<ClockStep>().Select(decide.At));
    }

    [Fact]
    public void Steps_never_go_back_whatever_happens()
    {
        var random = new Draw("steps");
        Act[] acts = [Act.Delivered, Act.UrgencyChanged, Act.Acknowledged, Act.InformationRequested, Act.InformationProvided, Act.Accepted, Act.InterimNote, Act.OnHold, Act.Completed];
        for (var walk = 0; walk < 200; walk++)
        {
            var (position, urgency, at) = (Handoff.Start, (Urgency)random.Next(4), Monday.AddMinutes(random.Next(10_000)));
            var clock = HandoffClock.Start(urgency, at, Setting);
            for (var step = 0; step < 20; step++)
            {
                at = at.AddMinutes(random.Next(3000));
                var act = acts[random.Next(acts.Length)];
                if (Handoff.Next(position, Handoff.ActorOf(act), act) is not { } next) continue;
                if (act == Act.UrgencyChanged) urgency = (Urgency)random.Next(4);
                position = next;
                clock = clock.Next(act, position.State, urgency, at, Setting)!;
                Assert.Equal(HandoffClock.Of(position.State), clock.Kind);
                Assert.True(clock.Since <= clock.Due && clock.Half <= clock.Due && clock.Due < clock.Leads && clock.Leads < clock.Coordinator);
                Assert.Equal(clock.Kind == ClockKind.Answer, clock.Left is not null);
            }
        }
    }

    private static HandoffClock Changed(HandoffClock clock, Urgency urgency, DateTimeOffset at) =>
        clock.Next(Act.UrgencyChanged, HandoffState.Sent, urgency, at, Setting)!;
}
