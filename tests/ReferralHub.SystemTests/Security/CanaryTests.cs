using System.Globalization;
using System.Runtime.InteropServices;
using ReferralHub.Demo;
using ReferralHub.Demo.Processes;

namespace ReferralHub.SystemTests.Security;

/// <summary>Nothing of what an envelope holds is anywhere in the hub: neither on its disk nor in its memory.</summary>
[Trait("group", "security")]
public sealed class CanaryTests(ToldStory story)
{
    private static readonly Executable Createdump =
        Executable.Tool(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "createdump"));

    [Fact]
    public void The_search_finds_a_canary_in_every_spelling_and_none_where_there_is_none()
    {
        var canary = new Canary();
        using var folder = new TemporaryFolder();
        Assert.Equal(18, canary.Spellings.Count());
        foreach (var spelling in canary.Spellings)
        {
            // Across the border between two of the pieces that the search reads.
            File.WriteAllBytes(folder.File("planted"), [.. new byte[(1 << 20) - 7], .. canary[spelling], .. new byte[9]]);
            Assert.Contains(canary.FindIn(folder.Path), found => found.EndsWith(spelling, StringComparison.Ordinal));
        }

        Assert.Empty(new Canary().FindIn(folder.Path));
    }

    [Fact]
    public async Task A_hub_that_carried_a_referral_there_and_back_holds_nothing_of_it_and_the_gateway_that_has_it_open_does()
    {
        var ct = TestContext.Current.CancellationToken;
        var (cast, handoff, canary, _) = await story.Hear();
        using var folder = new TemporaryFolder();
        await cast.Shelter.Open(handoff.Referral, ct);

        Assert.NotEmpty(canary.FindInFile(await Dump(cast.Shelter.Server, folder, ct)));
        Assert.Empty(canary.FindInFile(await Dump(cast.Hub.Server, folder, ct)));
        Assert.Empty(canary.FindIn(cast.Hub.Data));
        Assert.Empty(canary.FindInFile(cast.Hub.Log));
        Assert.Empty(canary.FindIn(cast.Hub.Temporary));

        // Nor is anything of it in what coordinators and auditors are shown, which is made of the hub's events.
        foreach (string[] command in (string[][])[["board", "--as", "crd0001"], ["coordinator", "reviews", "--as", "crd0001"], ["trail", "--as", "aud0001"]])
        {
            await File.WriteAllTextAsync(folder.File("shown"), (await cast.Hub.Ask(ct, command)).GetRawText(), ct);
            Assert.Empty(canary.FindInFile(folder.File("shown")));
        }

        // Nor does a gateway keep anything of it on its disk.
        foreach (var agency in (AgencyNode[])[cast.Police, cast.Shelter])
        {
            Assert.Empty(canary.FindIn(agency.Data));
            Assert.Empty(canary.FindInFile(agency.Log));
        }
    }

    /// <summary>All memory of a running process.</summary>
    private static async Task<string> Dump(Running process, TemporaryFolder folder, CancellationToken ct)
    {
        var file = folder.File($"{process.Id}.dump");
        (await Createdump.Run(["--full", "--name", file, process.Id.ToString(CultureInfo.InvariantCulture)], ct)).Succeeded();
        return file;
    }
}
