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
        await SendToPolice(cast); // so that there is something that the shelter sent and has to know again
        foreach (var ending in await RecoveredFromPaper.Tell(cast, Narrator.Silent, Ct)) await Evidence.Take(cast, ending, Narrator.Silent, Ct);

        // The rotation drill: every key of the police is new, and the next handoff goes through.
        await cast.Police.Kill();
        var rotated = await Executable.Gateway.Run(
            ["keys", "rotate", "--encryption", "--signing", "--tls", "--data", cast.Police.Data, "--passphrase-file", cast.Police.Data + ".passphrase", "--json"], Ct);
        Assert.Equal(3, JsonElement.Parse(rotated.Succeeded()).GetProperty("rotated").GetArrayLength());
        var listed = await Executable.Gateway.Run(["keys", "list", "--data", cast.Police.Data, "--json"], Ct);
        Assert.Equal(5, JsonElement.Parse(listed.Succeeded()).GetProperty("keys").GetArrayLength());
        await cast.Police.Serve(Ct);
        var handoff = new Handoff(cast.Police, cast, Narrator.Silent) { WithFiles = false };
        await handoff.Tell(Ct, withQuestion: false);
        await Evidence.Take(cast, new(handoff.Referral, cast.Police, "loop-closed"), Narrator.Silent, Ct);

        await RevokeAndChangePaper(cast, ending: handoff.Referral);
    }

    private static async Task SendToPolice(Cast cast)
    {
        var (consent, referral) = (Path.Combine(cast.Folder, "consent.json"), Path.Combine(cast.Folder, "referral.json"));
        await File.WriteAllTextAsync(consent, Papers.Consent(TimeProvider.System.GetUtcNow()), Ct);
        await File.WriteAllTextAsync(referral, Papers.ReferralToCounselling(TimeProvider.System.GetUtcNow()), Ct);
        await cast.Shelter.Send(referral, cast.Police, await cast.Shelter.RecordConsent(consent, cast.Police, Ct), Ct);
    }

    // The compromise drill: a former key is revoked by its agency, an event of the operator's file likewise, and the paper is changed.
    private static async Task RevokeAndChangePaper(Cast cast, string ending)
    {
        var police = cast.Police;
        await police.Kill();
        var keys = (await Keys("list")).GetProperty("keys").EnumerateArray().Select(k => k.GetProperty("key")).ToList();
        var (current, former) = (KeyOf("signing", retired: false), KeyOf("signing", retired: true));
        var refused = await Run("revoke", current, "--compromised-since", "0");
        Assert.Contains("in-use", refused.Error, StringComparison.Ordinal);

        await Keys("revoke", former, "--compromised-since", "0");
        var again = await Run("revoke", former, "--compromised-since", "0");
        Assert.Contains("revoked-before", again.Error, StringComparison.Ordinal);

        var file = Path.Combine(cast.Folder, "revoke.jws");
        await Keys("revoke", KeyOf("encryption", retired: true)[..20], "--out", file);
        await cast.Hub.Ask(Ct, "agency", "change", file);

        var (old, paper) = (police.Data + ".recovery", police.Data + ".recovery-new");
        var changed = await Keys("change-recovery", "--recovery-file", old, "--recovery-out", paper);
        Assert.True(changed.GetProperty("entered").GetBoolean());
        var wrong = await Run("change-recovery", "--recovery-file", old, "--recovery-out", paper + "2");
        Assert.Contains("wrong-paper", wrong.Error, StringComparison.Ordinal);
        await police.Serve(Ct);
        await police.Sync(Ct);
        Assert.Equal(0, (await police.Ask(Ct, "directory")).GetProperty("alarms").GetInt32());

        var evidence = Path.Combine(cast.Folder, "suspect.zip");
        await police.ExportEvidence(ending, evidence, Ct);
        var verified = await Executable.Verifier.Run([evidence, "--fingerprint", cast.Hub.Fingerprint], Ct);
        Assert.Equal(0, verified.ExitCode);

        string KeyOf(string use, bool retired) => keys.First(k => k.GetProperty("use").GetString() == use && k.GetProperty("retired").GetBoolean() == retired).GetProperty("key").GetString()!;

        Task<Finished> Run(params IEnumerable<string> command) => Executable.Gateway.Run(
            ["keys", .. command, "--data", police.Data, "--json", .. command.First() == "list" ? Array.Empty<string>() : ["--passphrase-file", police.Data + ".passphrase"]], Ct);

        async Task<JsonElement> Keys(params IEnumerable<string> command) => JsonElement.Parse((await Run(command)).Succeeded());
    }
}
