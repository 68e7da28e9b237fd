using ReferralHub.Client;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.SystemTests.Embedded;

/// <summary>Clocks that differ.</summary>
[Trait("group", "embedded")]
public sealed class ClockTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_is_61_s_ahead_of_the_hub_is_refused_and_told_why()
    {
        await using var pair = await DirectPair.Assemble(Ct);
        var referral = await pair.Prepare(Ct);
        var ahead = pair.Sender.Sign((Referral)referral.Statement with { IssuedAt = referral.Statement.IssuedAt.AddSeconds(75) }); // it may have taken some to come here

        var refused = await Assert.ThrowsAsync<HubRefusedException>(() => pair.Sender.Hub.PostAsync(ahead, Ct));

        Assert.Equal("issued-ahead", refused.Problem.Name);
        await pair.Sender.Hub.PostAsync(referral, Ct); // nothing of it was kept, so the same referral goes
    }
}
