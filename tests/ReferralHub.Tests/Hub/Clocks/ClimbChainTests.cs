using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ReferralHub.Hub.Clocks;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Clocks;

/// <summary>The chain of docs/protocol.md §3.7 at the hub, with a clock that the test moves. Referrals here are urgent: 4 h, 24 h, 72 h.</summary>
public sealed class ClimbChainTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_step_speaks_once_and_when_its_time_has_come()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Delivered);
        var sent = field.Clock.Now;
        foreach (var (hours, expected) in new[] { (2, (ClockStep?)ClockStep.Reminder), (4, ClockStep.Breach), (6, ClockStep.Leads), (8, ClockStep.Coordinator) })
        {
            field.Clock.Now = sent.AddHours(hours).AddSeconds(-1);
            Assert.Equal(0, await field.Climb());
            field.Clock.Now = sent.AddHours(hours);
            Assert.Equal(1, await field.Climb());
            Assert.Equal(0, await field.Climb());
            Assert.Equal((expected, ClockKind.Acknowledge, WireTime.Whole(sent.AddHours(4))), await Last(field));
        }

        field.Clock.Now = sent.AddDays(300);
        Assert.Equal(0, await field.Climb());
        await Proved(field, handoff);
    }

    [Fact]
    public async Task The_times_of_the_agreement_count_before_all_others()
    {
        await using var field = await TestField.Start();
        var quick = ClockTable.Default with { Urgent = ClockTable.Default.Urgent with { Acknowledge = new(10, ClockRun.Always) } };
        var proposal = field.Police.Sign(await field.Heads(field.NewAgreement() with { Clocks = quick }));
        await field.Takes(proposal);
        await field.Receipt(field.Accepting((Agreement)proposal.Statement, proposal.Id));
        await field.Handoff(HandoffState.Delivered);

        var due = await field.Use(db => db.Set<ClockRecord>().Select(c => c.Due).SingleAsync(Ct));
        Assert.Equal(field.In(TimeSpan.FromSeconds(10)), due);
    }

    [Fact]
    public async Task A_missed_clock_always_tells_the_sender()
    {
        await using var field = await TestField.Start();
        await field.Handoff(HandoffState.Delivered);
        field.Clock.Now += TimeSpan.FromHours(4);
        await field.Climb();

        var told = await field.Use(db => db.Set<OutboxMessage>().AsNoTracking().OrderBy(m => m.Seq).Select(m => m.Body).ToListAsync(Ct));
        var last = told.TakeLast(2).Select(body => StrictJson.TryRead<StatementRecorded>(body, out var message) ? message : null).ToList();
        Assert.Equal([field.Police.Id, field.Shelter.Id], last.Select(message => message?.To));
        Assert.Single(last.Select(message => message?.Statement).Distinct()); // both of the same
    }

    [Fact]
    public async Task Each_step_looks_again_before_it_speaks()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Delivered);
        field.Clock.Now += TimeSpan.FromHours(5);
        await handoff.Do(HandoffAct.Acknowledged);
        Assert.Equal(0, await field.Climb());

        // What is owed now is the decision, from the acknowledgement on.
        field.Clock.Now += TimeSpan.FromHours(24);
        Assert.Equal(1, await field.Climb());
        Assert.Equal((ClockStep.Breach, ClockKind.Decide, field.In(default)), await Last(field));
        await Proved(field, handoff);
    }

    [Fact]
    public async Task A_restart_in_the_middle_repeats_nothing_and_leaves_nothing_out()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff();
        var sent = field.Clock.Now;
        field.Clock.Now = sent.AddHours(4);
        Assert.Equal(1, await field.Climb());

        // The hub was down while two more came due; a new process has only the rows.
        field.Clock.Now = sent.AddHours(9);
        await using var scope = field.Hub.Services.CreateAsyncScope();
        Assert.Equal(2, await ClimbChain.RunOnce(scope.ServiceProvider.GetRequiredService<ReferralHub.Hub.HubDb>(), new Agencies(), field.Hub.Keys, Ct));
        Assert.Equal(0, await field.Climb());
        Assert.Equal([ClockStep.Breach, ClockStep.Leads, ClockStep.Coordinator], (await Steps(field)).Select(s => s.Step));
        await Proved(field, handoff);
    }

    [Fact]
    public async Task Many_loops_at_once_speak_once()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff();
        field.Clock.Now += TimeSpan.FromHours(6);

        var taken = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(field.Climb, Ct)));

        Assert.Equal(2, taken.Sum());
        Assert.Equal([ClockStep.Breach, ClockStep.Leads], (await Steps(field)).Select(s => s.Step));
        await Proved(field, handoff);
    }

    [Theory]
    [InlineData(HandoffState.Sent, ClockKind.Acknowledge, 4)]
    [InlineData(HandoffState.Delivered, ClockKind.Acknowledge, 4)]
    [InlineData(HandoffState.Acknowledged, ClockKind.Decide, 24)]
    [InlineData(HandoffState.InformationRequested, ClockKind.Answer, 24)]
    [InlineData(HandoffState.Accepted, ClockKind.Update, 72)]
    [InlineData(HandoffState.InProgress, ClockKind.Update, 72)]
    [InlineData(HandoffState.OnHold, ClockKind.Update, 72)]
    [InlineData(HandoffState.Completed, ClockKind.Close, 72)]
    [InlineData(HandoffState.Failed, ClockKind.Close, 72)]
    public async Task An_acknowledgement_without_a_decision_and_every_other_silence_is_an_overdue_class_of_its_own(HandoffState state, ClockKind kind, int hours)
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(state);
        field.Clock.Now += TimeSpan.FromHours(hours);
        Assert.Equal(1, await field.Climb());
        Assert.Equal((ClockStep.Breach, kind, field.In(default)), await Last(field));
        await Proved(field, handoff);
    }

    public static TheoryData<HandoffState> Terminal => [.. Enum.GetValues<HandoffState>().Where(Handoff.IsTerminal)];

    [Theory, MemberData(nameof(Terminal))]
    public async Task Nothing_is_owed_about_what_is_over(HandoffState state)
    {
        await using var field = await TestField.Start();
        await field.Handoff(state);
        field.Clock.Now += TimeSpan.FromDays(365);
        Assert.Equal(0, await field.Climb());
        Assert.Equal(0, await field.Use(db => db.Set<ClockRecord>().CountAsync(Ct)));
    }

    [Fact]
    public async Task Delivered_or_opened_stops_no_clock()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff();
        var sent = field.Clock.Now;
        field.Clock.Now = sent.AddHours(1);
        await handoff.Do(HandoffAct.Delivered);
        await field.Post(handoff.Request(Part.Summary, field.Shelter));
        await field.Receipt(handoff.Access(Part.Summary, field.Shelter));
        field.Clock.Now = sent.AddHours(4);
        Assert.Equal(1, await field.Climb());
        Assert.Equal((ClockStep.Breach, ClockKind.Acknowledge, WireTime.Whole(sent.AddHours(4))), await Last(field));
        await Proved(field, handoff);
    }

    [Fact]
    public async Task An_emergency_never_expires_but_climbs()
    {
        await using var field = await TestField.Start();
        var handoff = new TestHandoff(field, await field.NewReferral(await field.Consented()) with { Urgency = Urgency.Emergency });
        await handoff.Send();
        field.Clock.Now = handoff.Referral.Expires.AddDays(10);
        Assert.Equal(0, await field.Expire());
        Assert.Equal(3, await field.Climb());
        Assert.Equal([ClockStep.Breach, ClockStep.Leads, ClockStep.Coordinator], (await Steps(field)).Select(s => s.Step));
    }

    [Fact]
    public async Task A_question_pauses_the_decision_at_the_hub()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Acknowledged);
        field.Clock.Now += TimeSpan.FromHours(10);
        await handoff.Do(HandoffAct.InformationRequested);
        field.Clock.Now += TimeSpan.FromHours(20);
        Assert.Equal(1, await field.Climb());
        Assert.Equal(ClockKind.Answer, (await Last(field)).Clock);
        await handoff.Do(HandoffAct.InformationProvided);
        field.Clock.Now += TimeSpan.FromHours(14);
        Assert.Equal(1, await field.Climb());
        Assert.Equal((ClockStep.Breach, ClockKind.Decide, field.In(default)), await Last(field));
        await Proved(field, handoff);
    }

    [Fact]
    public async Task A_change_of_urgency_changes_the_clock_and_repeats_no_step()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff();
        field.Clock.Now += TimeSpan.FromHours(2);
        Assert.Equal(1, await field.Climb());
        await field.Receipt((SenderAct)handoff.Act(HandoffAct.UrgencyChanged) with { Urgency = Urgency.Emergency });
        field.Clock.Now += TimeSpan.FromMinutes(59);
        Assert.Equal(0, await field.Climb());
        field.Clock.Now += TimeSpan.FromMinutes(1);
        Assert.Equal(1, await field.Climb());
        Assert.Equal([ClockStep.Reminder, ClockStep.Breach], (await Steps(field)).Select(s => s.Step));
        await Proved(field, handoff);
    }

    [Fact]
    public async Task No_step_is_a_state()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Acknowledged);
        field.Clock.Now += TimeSpan.FromDays(3);
        await field.Climb();
        await handoff.Do(HandoffAct.Accepted);
    }

    private static async Task<(ClockStep? Step, ClockKind? Clock, DateTimeOffset? Due)> Last(TestField field) => (await Steps(field))[^1];

    private static Task<List<(ClockStep? Step, ClockKind? Clock, DateTimeOffset? Due)>> Steps(TestField field) => field.Use(async db =>
        (await db.Set<StoredStatement>().AsNoTracking().OrderBy(s => s.EventId).Select(s => s.Token).ToListAsync(Ct))
            .Select(token => StoredStatement.Read(token).Statement).OfType<HubAct>().Where(act => act.Chain is not null)
            .Select(act => (act.Chain, act.Clock, act.Due)).ToList());

    private static async Task Proved(TestField field, TestHandoff handoff)
    {
        var report = await field.Report(await field.Bundle(handoff, field.Police));
        Assert.Equal((null, handoff.State), (report.Finding, report.Story?.State));
    }
}
