using System.Text.Json;
using ReferralHub.Demo;
using ReferralHub.Demo.Processes;
using ReferralHub.Demo.Stories;

namespace ReferralHub.SystemTests.Embedded;

/// <summary>Keys are lost and turned, with real processes. Spec: docs/protocol.md §4.2, §6.</summary>
[Trait("group", "embedded")]
public sealed class RecoveryTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_lost_its_keys_recovers_from_paper_gets_it_sealed_anew_and_turns_its_keys_later()
    {
        using var folder = new TemporaryFolder();
        await using var cast = await Cast.AssemblePair(folder.Path, Narrator.Silent, Ct);
        foreach (var ending in await RecoveredFromPaper.Tell(cast, Narrator.Silent, Ct)) await Evidence.Take(cast, ending, Narrator.Silent, Ct);

        // The rotation drill: every key of the police is new, and the next handoff goes through.
        await cast.Police.Kill();
        var rotated = await Executable.Gateway.Run(
            ["keys", "rotate", "--encryption", "--signing", "--tls", "--data", cast.Police.Data, "--passphrase-file", cast.Police.Data + ".passphrase", "--json"], Ct);
        Assert.Equal(3, JsonElement.Parse(rotated.Succeeded()).GetProperty("rotated").GetArrayLength());
        var listed = await Executable.Gateway.Run(["keys", "list", "--data", cast.Police.Data, "--json"], Ct);
        Assert.Equal(5, JsonElement.Parse(listed.Succeeded()).GetProperty("keys").GetArrayLength());
        await cast.Police.Serve(Ct);
        var handoff = new Handoff(cast.Police, cast, Narrator.Silent);
        await handoff.Tell(Ct);
        await Evidence.Take(cast, new(handoff.Referral, cast.Police, "loop-closed"), Narrator.Silent, Ct);
    }
}
