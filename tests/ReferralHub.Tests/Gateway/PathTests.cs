namespace ReferralHub.Tests.Gateway;

/// <summary>What a person wrote goes in a body, never in a path that a log or a history keeps.</summary>
public sealed class PathTests
{
    [Fact]
    public async Task Paths_take_ids_and_codes_and_nothing_that_anybody_wrote()
    {
        await using var pair = await TestPair.StartAsync();

        var taken = pair.Police.Endpoints.SelectMany(e => e.RoutePattern.Parameters).Select(p => p.Name).Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(["handle", "id", "kind", "number", "shift"], taken);
    }
}
