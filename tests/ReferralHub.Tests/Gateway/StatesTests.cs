using ReferralHub.Gateway;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>Questions, withdrawals, notes, failures, expiry and lost races, as both gateways see them.</summary>
public sealed class StatesTests
{
    private static readonly (int, string) Stale =
        (409, """{"type":"urn:referralhub:refusal:stale","title":"","state":"acknowledged","after":"ab"}""");

    [Fact]
    public async Task A_question_is_answered_under_seal_before_the_decision()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await AcknowledgedAsync(pair);

        var asked = await pair.Shelter.WriteAsync(HandoffAct.InformationRequested, id, "ground floor? أسئلة");
        Assert.Equal((HandoffState.InformationRequested, pair.Police.Id), (asked.State, asked.Responsible));
        await pair.Police.SyncAsync();
        Assert.Equal("ground floor? أسئلة", Assert.Single((await pair.Police.ReadAsync(id)).Letters).Text);
        await pair.Police.WriteAsync(HandoffAct.InformationProvided, id, "yes نعم");
        await pair.Shelter.SyncAsync();
        var answer = Assert.Single((await pair.Shelter.ReadAsync(id)).Letters);
        Assert.Equal((Part.Answer, "yes نعم"), (answer.Part, answer.Text));
        Assert.Equal(HandoffState.Accepted, (await pair.Shelter.AcceptAsync(id)).State);

        Assert.False(pair.Police.HoldsInClear("ground floor?") || pair.Shelter.HoldsInClear("ground floor?"));
        Assert.Empty((await pair.Police.AlarmsAsync()).Concat(await pair.Shelter.AlarmsAsync()));
    }

    [Fact]
    public async Task Every_letter_that_is_read_is_an_access_of_its_own()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await AcceptedAsync(pair);
        await pair.Shelter.WriteAsync(HandoffAct.InterimNote, id, "first");
        await pair.Shelter.WriteAsync(HandoffAct.InterimNote, id, "second");
        await pair.Police.SyncAsync();

        var read = await pair.Police.ReadAsync(id);

        Assert.Equal(["first", "second"], read.Letters.Select(letter => letter.Text));
        Assert.Equal(2, (await pair.Police.ShowAsync(id)).Timeline.Count(told => told.Kind == StatementKind.Access));
    }

    [Fact]
    public async Task The_service_is_told_with_notes_appointments_and_absences_to_its_failure()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await AcceptedAsync(pair);
        var at = WireTime.Whole(pair.Clock.GetUtcNow().AddDays(2));

        Assert.Equal(HandoffState.OnHold, (await pair.Shelter.DoAsync(HandoffAct.OnHold, id)).State);
        Assert.Equal(HandoffState.InProgress, (await pair.Shelter.DoAsync(HandoffAct.InProgress, id)).State);
        await pair.Shelter.WriteAsync(HandoffAct.Appointment, id, "room 2", at);
        Assert.Equal(HandoffState.InProgress, (await pair.Shelter.DoAsync(HandoffAct.NoShow, id)).State);
        var failed = await pair.Shelter.FailAsync(id, FailReason.NoShow, "did not come twice");
        Assert.Equal((HandoffState.Failed, pair.Police.Id), (failed.State, failed.Responsible));

        await pair.Police.SyncAsync();
        Assert.Equal([("room 2", (DateTimeOffset?)at), ("did not come twice", null)], (await pair.Police.ReadAsync(id)).Letters.Select(l => (l.Text, l.At)));
        Assert.Equal("did not come twice", (await pair.Police.CloseAsync(id)).Note);
        Assert.Empty((await pair.Police.AlarmsAsync()).Concat(await pair.Shelter.AlarmsAsync()));
    }

    [Fact]
    public async Task A_withdrawal_waits_for_the_recipient_who_stays_responsible_until_it_confirms()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await AcceptedAsync(pair);

        var asked = await pair.Police.WithdrawAsync(id);
        Assert.Equal((HandoffState.Accepted, true, pair.Shelter.Id), (asked.State, asked.Withdrawing, asked.Responsible));
        await pair.Shelter.SyncAsync();
        Assert.True((await pair.Shelter.ShowAsync(id)).Withdrawing);
        var confirmed = await pair.Shelter.DoAsync(HandoffAct.CancelConfirmed, id);

        Assert.Equal((HandoffState.Withdrawn, false, pair.Police.Id), (confirmed.State, confirmed.Withdrawing, confirmed.Responsible));
        await pair.Police.SyncAsync();
        Assert.Equal(HandoffState.Withdrawn, (await pair.Police.ShowAsync(id)).State);
    }

    [Fact]
    public async Task What_is_withdrawn_while_it_is_Sent_is_withdrawn_at_once_and_never_delivered()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();

        Assert.Equal((HandoffState.Withdrawn, false), ((await pair.Police.WithdrawAsync(id)).State, false));
        await pair.Shelter.SyncAsync();

        var shown = await pair.Shelter.ShowAsync(id);
        Assert.Equal(HandoffState.Withdrawn, shown.State);
        Assert.DoesNotContain(shown.Timeline, told => told.Act == "delivered");
    }

    [Fact]
    public async Task A_statement_that_lost_the_race_is_kept_and_shown_and_the_other_one_counts()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await AcknowledgedAsync(pair);
        await pair.Police.SyncAsync();
        pair.Hub.IsDown = true;
        Assert.Equal((HandoffState.Accepted, Fate.Waiting), Of(await pair.Shelter.AcceptAsync(id)));
        pair.Hub.IsDown = false;
        await pair.Police.WithdrawAsync(id);

        pair.Hub.Refuse = signed => signed.Statement.Does is HandoffAct.Accepted ? Stale : null;
        pair.Clock.Ahead = TimeSpan.FromMinutes(10);
        await pair.Shelter.SyncAsync();

        var shown = await pair.Shelter.ShowAsync(id);
        Assert.Equal((HandoffState.Acknowledged, true, pair.Police.Id), (shown.State, shown.Withdrawing, shown.Responsible));
        var lost = Assert.Single(shown.Timeline, told => told.Fate == Fate.Refused);
        Assert.Equal(("accepted", "stale acknowledged"), (lost.Act, string.Join(' ', lost.Refused)));
        Assert.Empty(await pair.Shelter.AlarmsAsync());
        Assert.Equal(HandoffState.Withdrawn, (await pair.Shelter.DoAsync(HandoffAct.CancelConfirmed, id)).State);
    }

    [Fact]
    public async Task The_other_sides_statement_that_comes_first_is_no_alarm_while_ours_still_waits()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await AcknowledgedAsync(pair);
        await pair.Police.SyncAsync();
        pair.Hub.Refuse = signed => signed.Statement.Does is HandoffAct.Accepted ? (503, "") : null;
        Assert.Equal(Fate.Waiting, (await pair.Shelter.AcceptAsync(id)).Fate);
        await pair.Police.WithdrawAsync(id);

        await pair.Shelter.SyncAsync();

        var shown = await pair.Shelter.ShowAsync(id);
        Assert.Equal((HandoffState.Acknowledged, true), (shown.State, shown.Withdrawing));
        Assert.Empty(await pair.Shelter.AlarmsAsync());
    }

    [Fact]
    public async Task An_answer_that_was_lost_does_not_turn_what_follows_into_an_alarm()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await AcknowledgedAsync(pair);
        pair.Hub.AfterTaking = () => (503, "");
        Assert.Equal(Fate.Waiting, (await pair.Shelter.AcceptAsync(id)).Fate);
        pair.Hub.AfterTaking = () => null;
        await pair.Police.SyncAsync();
        await pair.Police.WithdrawAsync(id);

        await pair.Shelter.SyncAsync();

        Assert.Equal((HandoffState.Accepted, true), ((await pair.Shelter.ShowAsync(id)).State, (await pair.Shelter.ShowAsync(id)).Withdrawing));
        Assert.Empty(await pair.Shelter.AlarmsAsync());
    }

    [Fact]
    public async Task The_hubs_expiry_reaches_both_and_the_sender_is_responsible()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await AcknowledgedAsync(pair);
        pair.Clock.Ahead = TimeSpan.FromDays(14);
        pair.Hub.Expire(id);

        foreach (var side in new[] { pair.Police, pair.Shelter })
        {
            await side.SyncAsync();
            var shown = await side.ShowAsync(id);
            Assert.Equal((HandoffState.Expired, pair.Police.Id), (shown.State, shown.Responsible));
            Assert.Empty(await side.AlarmsAsync());
        }
    }

    [Fact]
    public async Task A_hub_that_ends_a_referral_before_its_time_raises_an_alarm_and_changes_nothing()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await AcknowledgedAsync(pair);
        pair.Hub.Expire(id);

        await pair.Shelter.SyncAsync();

        Assert.Contains("expired-early", Assert.Single(await pair.Shelter.AlarmsAsync()), StringComparison.Ordinal);
        Assert.Equal(HandoffState.Acknowledged, (await pair.Shelter.ShowAsync(id)).State);
    }

    [Fact]
    public async Task A_hub_that_hands_back_what_went_to_an_agency_that_is_not_closed_raises_an_alarm_and_changes_nothing()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await AcknowledgedAsync(pair);
        pair.Hub.HandBack(id);

        await pair.Police.SyncAsync();

        Assert.Contains("handed-back-without-closing", Assert.Single(await pair.Police.AlarmsAsync()), StringComparison.Ordinal);
        Assert.Equal(HandoffState.Acknowledged, (await pair.Police.ShowAsync(id)).State);
    }

    [Fact]
    public async Task A_new_urgency_shows_in_the_inbox_and_sets_no_state()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await AcknowledgedAsync(pair);
        await pair.Police.SyncAsync();

        var changed = await pair.Police.ChangeUrgencyAsync(id, Urgency.Emergency);
        await pair.Shelter.SyncAsync();

        Assert.Equal(HandoffState.Acknowledged, changed.State);
        Assert.Equal(Urgency.Emergency, Assert.Single((await pair.Shelter.InboxAsync()).Referrals).Urgency);
        Assert.Equal(HandoffState.Accepted, (await pair.Shelter.AcceptAsync(id)).State);
    }

    [Fact]
    public async Task The_sender_is_told_of_what_cannot_be_delivered_and_sends_anew_in_its_place()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        pair.Clock.Ahead = TimeSpan.FromDays(31);
        await pair.Shelter.SyncAsync();
        await pair.Police.SyncAsync();

        var shown = await pair.Police.ShowAsync(id);
        Assert.Equal((HandoffState.Undeliverable, pair.Police.Id), (shown.State, shown.Responsible));

        var request = pair.Request(await pair.ConsentAsync(), """{"identity":{"name":"SYNTHETIC Sara"}}""");
        var again = await pair.Police.SendAsync(request with { File = request.File with { Replaces = id } });
        await pair.Shelter.SyncAsync();
        Assert.Equal(HandoffState.Delivered, (await pair.Shelter.ShowAsync(again.Referral)).State);
    }

    [Fact]
    public async Task Only_a_referral_of_ours_that_is_over_is_replaced()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        var request = pair.Request(await pair.ConsentAsync(), """{"identity":{"name":"SYNTHETIC Sara"}}""");

        async Task<Refusal> WhyNot(Guid replaced) => (await Assert.ThrowsAsync<RefusedException>(() =>
            pair.Police.SendAsync(request with { File = request.File with { Replaces = replaced } }))).Refusal;

        Assert.Equal(Refusal.StateForbids, await WhyNot(id));
        Assert.Equal(Refusal.NotFound, await WhyNot(Guid.CreateVersion7(pair.Clock.GetUtcNow())));
    }

    [Fact]
    public async Task What_was_entered_in_error_is_over_for_both()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await AcceptedAsync(pair);

        await pair.Police.DoAsync(HandoffAct.EnteredInError, id);
        await pair.Shelter.SyncAsync();

        Assert.Equal(HandoffState.EnteredInError, (await pair.Shelter.ShowAsync(id)).State);
        var e = await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.CompleteAsync(id, "x"));
        Assert.Equal((Refusal.StateForbids, "entered-in-error"), (e.Refusal, e.Reasons.Single()));
    }

    [Fact]
    public async Task One_line_says_who_is_responsible_now()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await AcceptedAsync(pair);
        await pair.Police.WithdrawAsync(id);
        await pair.Shelter.SyncAsync();

        var (shown, inbox) = (new StringWriter(), new StringWriter());
        (await pair.Shelter.ShowAsync(id)).Print(shown);
        (await pair.Shelter.InboxAsync()).Print(inbox);

        Assert.Contains("responsible now: shelter\n", shown.ToString(), StringComparison.Ordinal);
        Assert.Contains("accepted (withdrawal not confirmed)  responsible now: shelter", inbox.ToString(), StringComparison.Ordinal);
    }

    private static (HandoffState, Fate) Of(Acted acted) => (acted.State, acted.Fate);

    private static async Task<Guid> AcknowledgedAsync(TestPair pair)
    {
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        await pair.Shelter.DoAsync(HandoffAct.Acknowledged, id);
        await pair.Police.SyncAsync();
        return id;
    }

    private static async Task<Guid> AcceptedAsync(TestPair pair)
    {
        var id = await AcknowledgedAsync(pair);
        await pair.Shelter.AcceptAsync(id);
        await pair.Police.SyncAsync();
        return id;
    }
}
