using ReferralHub.Gateway;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>What was said is sent, once in effect and in order, whatever happens in between.</summary>
public sealed class OutboxTests
{
    private static readonly (int, string) Stale =
        (409, """{"type":"urn:referralhub:refusal:wrong-state","title":"","state":"acknowledged","after":"ab","reasons":["late"]}""");

    [Fact]
    public async Task What_was_said_while_the_hub_was_away_goes_out_after_a_restart()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        pair.Hub.IsDown = true;
        Assert.Equal(Fate.Waiting, (await pair.Shelter.AcknowledgeAsync(id)).Fate);
        Assert.Equal(Fate.Waiting, (await pair.Shelter.AcceptAsync(id)).Fate);

        await pair.Shelter.OpenAsync();
        pair.Hub.IsDown = false;
        pair.Clock.Ahead = TimeSpan.FromMinutes(10);
        var round = await pair.Shelter.SyncAsync();

        Assert.Equal(0, round.Waiting);
        var shown = await pair.Shelter.ShowAsync(id);
        Assert.Equal(HandoffState.Accepted, shown.State);
        Assert.All(shown.Timeline, told => Assert.Equal(Fate.Effective, told.Fate));
        Assert.All(shown.Parts, part => Assert.True(part.Held));
    }

    [Fact]
    public async Task An_answer_that_was_lost_is_asked_for_again_without_a_second_effect()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        var lost = true;
        pair.Hub.AfterTaking = () => lost ? (503, "") : null;

        var waiting = await pair.Shelter.AcknowledgeAsync(id);
        lost = false;
        pair.Clock.Ahead = TimeSpan.FromMinutes(10);
        await pair.Shelter.SyncAsync();

        Assert.Equal(Fate.Waiting, waiting.Fate);
        Assert.Equal(2, pair.Hub.Posts[waiting.Statement]);
        await pair.Police.SyncAsync();
        Assert.Single((await pair.Police.ShowAsync(id)).Timeline, told => told.Act == "acknowledged");
    }

    [Fact]
    public async Task A_refusal_is_final_is_kept_with_its_reasons_and_undoes_what_was_assumed()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        await pair.Shelter.AcknowledgeAsync(id);
        pair.Hub.Refuse = signed => signed.Statement is Acknowledgement { Act: HandoffAct.Accepted } ? Stale : null;

        var e = await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.AcceptAsync(id));

        Assert.Equal((Refusal.HubRefused, "wrong-state late acknowledged"), (e.Refusal, string.Join(' ', e.Reasons)));
        var shown = await pair.Shelter.ShowAsync(id);
        Assert.Equal((HandoffState.Acknowledged, pair.Police.Id), (shown.State, shown.Responsible));
        var refused = Assert.Single(shown.Timeline, told => told.Fate == Fate.Refused);
        Assert.Equal(["wrong-state", "late", "acknowledged"], refused.Refused);

        pair.Hub.Refuse = _ => null;
        pair.Clock.Ahead = TimeSpan.FromSeconds(1);
        Assert.Equal(Fate.Effective, (await pair.Shelter.AcceptAsync(id)).Fate);
    }

    [Fact]
    public async Task A_referral_waits_until_the_hub_has_its_consent()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        pair.Hub.Refuse = signed => signed.Statement is Consent ? (503, "") : null;
        var consent = await pair.ConsentAsync();
        Assert.Equal(Fate.Waiting, consent.Fate);

        var sent = await pair.Police.SendAsync(pair.Request(consent, """{"identity":{"name":"SYNTHETIC"}}"""));

        Assert.Equal(Fate.Waiting, sent.Fate);
        Assert.DoesNotContain(sent.Statement, pair.Hub.Posts.Keys);
        pair.Hub.Refuse = _ => null;
        pair.Clock.Ahead = TimeSpan.FromMinutes(10);
        Assert.Equal(0, (await pair.Police.SyncAsync()).Waiting);
    }

    [Theory]
    [InlineData(HandoffAct.Accepted)]
    [InlineData(HandoffAct.Completed)]
    [InlineData(HandoffAct.LoopClosed)]
    public async Task What_the_state_forbids_is_neither_signed_nor_sent(HandoffAct act)
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        await pair.Police.SyncAsync();

        var e = await Assert.ThrowsAsync<RefusedException>(() => act switch
        {
            HandoffAct.Accepted => pair.Shelter.AcceptAsync(id),
            HandoffAct.Completed => pair.Shelter.CompleteAsync(id, "x"),
            _ => pair.Police.CloseAsync(id),
        });

        Assert.Equal((Refusal.StateForbids, "delivered"), (e.Refusal, e.Reasons.Single()));
        Assert.Equal(0, (await pair.Shelter.SyncAsync()).Waiting);
    }

    [Fact]
    public async Task Nobody_acts_under_a_handle_that_is_nobodys()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();

        var e = await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.AcknowledgeAsync(id, Handle.Parse("nobody")));

        Assert.Equal(Refusal.UnknownPerson, e.Refusal);
    }
}
