using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>An agreement's own times (docs/protocol.md §3.7), from the file of the one side to the word of the other.</summary>
public sealed class AgreementClockTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agreement_is_proposed_with_its_own_times_and_accepted_with_them()
    {
        await using var pair = await TestPair.StartAsync();
        var clocks = ClockTable.Default with { Urgent = ClockTable.Default.Urgent with { Acknowledge = new(600, ClockRun.Always) } };

        var proposed = await ProposeAsync(pair, clocks);
        await pair.Shelter.SyncAsync();
        await pair.Shelter.With(db => AcceptAgreement.Handle(proposed.Agreement, db, pair.Shelter.Own, pair.Shelter.Use<Outbox>(), pair.Shelter.Use<Dispatch>(), Ct));
        await pair.Police.SyncAsync();

        var sides = await pair.Police.With(db => db.Statements.AsNoTracking().Where(s => s.Kind == StatementKind.Agreement).ToListAsync(Ct));
        Assert.Equal(2, sides.Count);
        Assert.All(sides, side => Assert.Equal(clocks, ((Agreement)side.Read().Statement).Clocks));
    }

    [Fact]
    public async Task Times_that_are_none_are_refused_before_anything_is_signed()
    {
        await using var pair = await TestPair.StartAsync();
        var e = await Assert.ThrowsAsync<RefusedException>(() => ProposeAsync(pair, ClockTable.Default with { Review = new(0, ClockRun.Always) }));
        Assert.Equal(Refusal.Malformed, e.Refusal);
        Assert.Empty(pair.Hub.Posts);
    }

    private static Task<ProposeAgreement.Side> ProposeAsync(TestPair pair, ClockTable clocks)
    {
        var now = WireTime.Whole(pair.Clock.GetUtcNow());
        var (police, shelter) = (pair.Police, pair.Shelter);
        var terms = new ProposeAgreement.Terms(
            shelter.Id, PolicyId.Parse("north"), [new(police.Id, shelter.Id)], [Purpose.Protection], [.. Enum.GetValues<ClearCategory>()], now, now.AddDays(300), 90, clocks);
        return police.With(db => ProposeAgreement.Handle(terms, db, police.Use<Outbox>(), police.Use<Dispatch>(), police.Use<FollowDirectory>(), pair.Clock, Ct));
    }
}
