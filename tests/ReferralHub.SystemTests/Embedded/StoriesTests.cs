using ReferralHub.Demo;
using ReferralHub.Demo.Stories;

namespace ReferralHub.SystemTests.Embedded;

/// <summary>What <c>deploy/quickstart</c> tells, in its order and at the same agencies, so that each story finds what those before have left.</summary>
[Trait("group", "embedded")]
[Trait("when", "named")]
public sealed class StoriesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_story_of_the_demo_ends_as_it_should_and_its_evidence_verifies()
    {
        using var folder = new TemporaryFolder();
        await using var cast = await Cast.Assemble(folder.Path, Narrator.Silent, Ct);
        foreach (var story in Story.All)
        {
            foreach (var ending in await story.Tell(cast, Narrator.Silent, Ct)) await Evidence.Take(cast, ending, Narrator.Silent, Ct);
        }
    }
}
