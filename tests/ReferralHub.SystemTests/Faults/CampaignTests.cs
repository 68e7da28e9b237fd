using ReferralHub.SystemTests.Interop;

namespace ReferralHub.SystemTests.Faults;

/// <summary>A short campaign on each engine; <c>tests/run --only kills --minutes M</c> runs a long one.</summary>
[Trait("group", "kills")]
public sealed class CampaignTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(25);

    [Fact]
    public async Task Nothing_is_lost_and_nothing_doubled_while_processes_are_killed_and_frozen_and_connections_cut() => await Hold(Campaign.Embedded);

    // Only where the group is named: the plain run has the power cuts and outages of the group engine.
    [Fact, Trait("when", "named")]
    public async Task Nor_on_PostgreSQL_and_RabbitMQ() => await Hold(Campaign.Distributed);

    private static async Task Hold(string engine)
    {
        var outcome = await new Campaign(engine, int.Parse(Drawn.Seed, null), Short)
            .Run(line => TestContext.Current.TestOutputHelper?.WriteLine(line), TestContext.Current.CancellationToken);

        Assert.True(outcome.Faults.Sum(tally => tally.Count) >= 5);
        Assert.True(outcome.Faults.Sum(tally => tally.InFlight) >= 3);
        Assert.True(outcome.Found is { ByGateways: > 0, Direct: > 0 });
        Assert.Equal((0, 0), (outcome.Found.Lost, outcome.Found.Doubled));
    }
}
