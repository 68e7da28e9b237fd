using ReferralHub.Demo.Processes;

namespace ReferralHub.SystemTests.Embedded;

/// <summary>Terminals and service managers ask more than once.</summary>
[Trait("group", "embedded")]
[Collection(nameof(ToldStory))]
public sealed class StoppingTests(ToldStory story)
{
    [Fact]
    public async Task Hub_and_gateway_that_are_asked_to_end_again_and_again_end_once_and_well()
    {
        var ct = TestContext.Current.CancellationToken;
        var cast = (await story.Hear()).Cast;

        foreach (var server in new[] { cast.Police.Server, cast.Shelter.Server, cast.Hub.Server })
        {
            foreach (var signal in new[] { Signals.Interrupt, Signals.Terminate, Signals.Terminate }) server.Signal(signal);
            await server.Stop(); // throws unless it exits with 0
        }

        Assert.False(File.Exists(Path.Combine(cast.Police.Data, "socket")));
        await cast.Hub.DisposeAsync();
        await cast.Hub.Serve(ct);
        foreach (var agency in new[] { cast.Police, cast.Shelter })
        {
            await agency.DisposeAsync();
            await agency.Serve(ct);
        }
    }
}
