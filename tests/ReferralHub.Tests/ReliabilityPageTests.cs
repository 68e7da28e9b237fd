using ReferralHub.SystemTests.Faults;

namespace ReferralHub.Tests;

/// <summary>docs/reliability.md says what campaigns came to, not what somebody typed.</summary>
public sealed class ReliabilityPageTests
{
    [Fact]
    public void The_reliability_page_is_made_of_what_campaigns_came_to()
    {
        var docs = Path.Combine(Vectors.Root(), "docs");
        var outcomes = CampaignOutcome.Read(File.ReadAllText(Path.Combine(docs, "reliability.json")));
        Assert.NotEmpty(outcomes);
        Assert.All(outcomes, outcome => Assert.Equal((0, 0), (outcome.Found.Lost, outcome.Found.Doubled)));
        Assert.Equal(ReliabilityPage.Of(outcomes), File.ReadAllText(Path.Combine(docs, "reliability.md")));
    }
}
