using ReferralHub.Gateway.Incoming;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>What inbox, sent and show compute at each look: the next clock, consent that runs out, a key that is stale.</summary>
public sealed class OutlookTests
{
    [Fact]
    public async Task The_next_clock_is_told_with_who_owes_it_and_a_persons_act_moves_it()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        var sent = await pair.Police.ShowAsync(id);

        var next = Assert.Single((await pair.Shelter.InboxAsync()).Referrals).Next;
        Assert.Equal((ClockKind.Acknowledge, pair.Shelter.Id, false), (next.Clock, next.Owes, next.IsOverdue));
        Assert.Equal(sent.Timeline[0].HubTime!.Value.AddHours(4), next.Due);
        Assert.Equal(next, (await pair.Police.ShowAsync(id)).Next);

        await pair.Shelter.AcknowledgeAsync(id);
        next = (await pair.Shelter.ShowAsync(id)).Next;
        Assert.Equal((ClockKind.Decide, pair.Shelter.Id), (next.Clock, next.Owes));
        await pair.Shelter.WriteAsync(HandoffAct.InformationRequested, id, "SYNTHETIC question");
        next = (await pair.Shelter.ShowAsync(id)).Next;
        Assert.Equal((ClockKind.Answer, pair.Police.Id), (next.Clock, next.Owes));

        pair.Clock.Ahead += TimeSpan.FromDays(1);
        next = (await pair.Shelter.ShowAsync(id)).Next;
        Assert.True(next.IsOverdue);
        Assert.Contains("OVERDUE", next.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_hub_said_of_a_clock_counts_before_what_is_computed_here()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        pair.Hub.Overdue(id, ClockKind.Acknowledge, ClockStep.Breach);
        var said = WireTime.Whole(pair.Clock.GetUtcNow());
        await pair.Shelter.SyncAsync();

        var next = (await pair.Shelter.ShowAsync(id)).Next;

        Assert.InRange(next.Due!.Value, said.AddSeconds(-5), said);
        Assert.True(next.IsOverdue);
    }

    [Fact]
    public async Task Consent_that_runs_out_and_a_stale_key_are_told_while_the_referral_is_open()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        Assert.Equal((null, false), (await Next()) is { } fresh ? (fresh.ConsentEnds, fresh.KeyIsStale) : default);

        pair.Clock.Ahead += TimeSpan.FromDays(30 - Consent.NoticeDays);
        Assert.NotNull((await Next()).ConsentEnds);
        Assert.Contains("consent ends", (await Next()).ToString(), StringComparison.Ordinal);

        pair.Clock.Ahead += TimeSpan.FromDays(Agency.EncryptionKeyDays);
        Assert.True((await Next()).KeyIsStale);

        pair.Hub.Expire(id);
        await pair.Shelter.SyncAsync();
        Assert.Equal(Outlook.None, await Next());

        async Task<Outlook> Next() => Assert.Single((await pair.Shelter.InboxAsync()).Referrals).Next;
    }
}
