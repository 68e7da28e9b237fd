using System.Globalization;
using System.Text.Json;
using ReferralHub.Demo;
using ReferralHub.Demo.Processes;
using ReferralHub.Demo.Stories;
using static ReferralHub.SystemTests.Embedded.Typing;

namespace ReferralHub.SystemTests.Embedded;

/// <summary>
/// Commands as people type them, which no story gives: what each prints, its exit code, and what it says of a wrong argument.
/// They go to the hub and the gateways of the told story.
/// </summary>
[Trait("group", "embedded")]
[Collection(nameof(ToldStory))]
public sealed class ShellTests(ToldStory story)
{
    private const string Coordinator = "crd0001", Auditor = "aud0001", Nobody = "01963c00-0000-7000-8000-000000000000";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // More than fifty processes: only where the group is named.
    [Fact, Trait("when", "named")]
    public async Task Coordinators_auditors_and_operators_are_answered_as_the_help_says()
    {
        var cast = (await story.Hear()).Cast;
        var handoff = new Handoff(cast.Police, cast, Narrator.Silent) { WithFiles = false };
        await handoff.RecordConsent(Ct);
        await handoff.Send(Ct);
        await handoff.Arrive(Ct);
        var (referral, hub) = (handoff.Referral, cast.Hub);

        await Board(hub, cast, referral);
        foreach (var (words, shown) in ((string[], string)[])[
            (["--ref", referral], referral), (["--agency", cast.Shelter.Id], referral), (["--by", cast.Shelter.Worker], "acknowledged"),
            (["--from", Time(1)], "0 events"), (["--until", Time(1)], referral), (["--refused"], " events"), (["--limit", "1"], "there are earlier ones")])
        {
            Assert.Contains(shown, await Say(hub, 0, ["trail", "--as", Auditor, .. words]), StringComparison.Ordinal);
        }

        Assert.Contains("disclosures do not pair", await Say(hub, 0, "trail", "unpaired", "--as", Auditor, "--ref", referral), StringComparison.Ordinal);

        using var folder = new TemporaryFolder();
        await Say(hub, 0, "evidence", referral, "--out", folder.File("one.zip"));
        await Say(hub, 0, "evidence", "collect", "--agency", cast.Police.Id, "--agency", cast.Shelter.Id, "--from", Time(-1), "--until", Time(1), "--out", folder.File("many"));
        foreach (var found in (string[])[folder.File("one.zip"), folder.File("many")])
            (await Executable.Verifier.Run([found, "--fingerprint", hub.Fingerprint], Ct)).Succeeded();

        var policy = folder.File("policy.json");
        await File.WriteAllTextAsync(policy, Papers.Policy(TimeProvider.System.GetUtcNow()).Replace("\"version\": 1", "\"version\": 2", StringComparison.Ordinal).Replace("365,", "1,", StringComparison.Ordinal), Ct);
        var tried = await Say(hub, 0, "policy", "check", policy, "--dry-run");
        Assert.Contains("maxConsentDays: 365 -> 1", tried, StringComparison.Ordinal);
        Assert.Contains($"referral {referral}: permit would be refuse consent-expired", tried, StringComparison.Ordinal);

        Assert.Contains("let in no longer since", await Then("agency", "suspend", cast.Shelter.Id), StringComparison.Ordinal);
        Assert.DoesNotContain("let in no longer", await Then("agency", "resume", cast.Shelter.Id), StringComparison.Ordinal);
        Assert.Equal("none", (await Say(hub, 0, "outbox", "parked")).TrimEnd());
        await Say(hub, 0, "config", "check");
        Assert.Contains("8", await Say(hub, null, "doctor"), StringComparison.Ordinal);
        await Say(hub, 0, "coordinator", "escalate", referral, "--as", Coordinator, "--party", "recipient");
        await Say(hub, 0, "coordinator", "review", referral, "--as", Coordinator, "--finding", "in-order");

        foreach (var (words, named) in ((string[], string)[])[
            (["board", "--as", "x"], "--as = 'x'"), (["board", "--as", Coordinator, "--urgency", "soon"], "--urgency = 'soon'"), (["board", "--as", Coordinator, "--service", "taxi"], "--service = 'taxi'"),
            (["board", "--as", Coordinator, "--agency", "NOT"], "--agency = 'NOT'"), (["board"], "--as"), (["trail", "--as", Auditor, "--ref", "7"], "--ref = '7'"),
            (["trail", "--as", Auditor, "--from", "today"], "--from = 'today'"), (["trail", "unpaired", "--as", Auditor, "--agency", "A B"], "--agency = 'A B'"),
            (["evidence", Nobody, "--out", folder.File("none.zip")], $"REF = '{Nobody}'"), (["evidence", referral, "--out", folder.File("one.zip")], "--out = "),
            (["evidence", "collect", "--from", Time(1), "--until", Time(-1), "--out", folder.File("none")], "--until = "), (["evidence", "collect", "--out", folder.File("many")], "--out = "),
            (["policy", "check", folder.File("none.json")], "FILE = "), (["agency", "draft", "nobody", "close", "--out", folder.File("x")], "NAME = 'nobody'"),
            (["agency", "draft", cast.Police.Id, "praise", "--out", folder.File("x")], "EVENT = 'praise'"), (["agency", "draft", cast.Police.Id, "change-recovery", "--out", folder.File("x")], "--recovery = ''"),
            (["outbox", "retry", "nothing"], "STREAM = 'nothing'"), (["outbox", "drop", "1", "--by", "opr0001"], "SEQ = '1'"),
            (["coordinator", "alternates", referral, "--as", Coordinator, "--agency", cast.Police.Id], $"--agency = '{cast.Police.Id}'"), (["no-such-command"], "no-such-command")])
        {
            Assert.Contains(named, await Say(hub, 2, words), StringComparison.Ordinal);
        }

        await handoff.Accept(Ct); // it was open until here, and nothing above has moved it
        await cast.Shelter.Sync(Ct);

        async Task<string> Then(params string[] words)
        {
            await Say(hub, 0, words);
            return await Say(hub, 0, "agency", "list");
        }
    }

    [Fact]
    public async Task People_of_an_agency_are_answered_as_the_help_says()
    {
        var cast = (await story.Hear()).Cast;
        var (police, shelter) = (cast.Police, cast.Shelter);
        var handoff = new Handoff(police, cast, Narrator.Silent) { WithFiles = false };
        await handoff.RecordConsent(Ct);
        await handoff.Send(Ct);
        await handoff.Arrive(Ct);
        await handoff.Accept(Ct);
        var referral = handoff.Referral;

        var other = (await shelter.HireSigner("SYNTHETIC Worker Kim Example", Ct)).Handle;
        Assert.Contains("SYNTHETIC Worker Kim Example", await Say(shelter, 0, "people", "list"), StringComparison.Ordinal);
        await Say(shelter, 0, "people", "contact", other, "--mail", $"kim@{shelter.Id}.example", "--telephone", "+15550100");
        await Say(shelter, 0, "people", "disable", other, "--by", shelter.Lead);
        Assert.Contains("unknown-person", await Say(shelter, 1, "claim", referral, "--as", other), StringComparison.Ordinal);
        await Say(shelter, 0, "people", "enable", other, "--by", shelter.Lead);

        var shift = (await Say(shelter, 0, "duty", "add", "--person", other, "--from", Time(-1), "--until", Time(1))).Trim().Split(' ')[1];
        Assert.Contains($"on duty now: {other}", await Say(shelter, 2, "duty", "list"), StringComparison.Ordinal); // the rota has gaps
        await Say(shelter, 0, "duty", "remove", shift);
        Assert.Contains($"{shelter.Worker} has it (claim)", await Say(shelter, 0, "claim", referral, "--as", shelter.Worker), StringComparison.Ordinal);
        Assert.Contains($"{other} has it (claim)", await Say(shelter, 0, "hand-over", referral, "--as", shelter.Worker, "--to", other), StringComparison.Ordinal);
        Assert.Contains("1 handed over", await Say(shelter, 0, "shift", "end", "--as", other, "--to", shelter.Worker), StringComparison.Ordinal);
        Assert.Contains($"{shelter.Worker} has it (last-act)", await Say(shelter, 0, "release", referral, "--as", shelter.Worker), StringComparison.Ordinal);

        await Say(shelter, 0, "start", referral, "--by", shelter.Worker);
        await Say(shelter, 0, "hold", referral, "--by", shelter.Worker);
        await Say(shelter, 0, "note", referral, "--by", shelter.Worker, "--text", "SYNTHETIC: waits for a place");
        await Say(shelter, 0, "no-show", referral, "--by", shelter.Worker);
        await police.Sync(Ct);
        await Say(police, 0, "urgency", referral, "--by", police.Worker, "--to", "emergency", "--reason", "risk-increased");
        await shelter.Sync(Ct);
        await Say(shelter, 0, "fail", referral, "--by", shelter.Worker, "--reason", "moved", "--note", "SYNTHETIC: moved");
        await police.Sync(Ct);
        await handoff.Close(Ct);
        Assert.Contains("loop-closed", await Say(police, 0, "show", referral, "--by", police.Worker), StringComparison.Ordinal);

        Assert.Contains(shelter.Id, await Say(police, 0, "agreement", "list"), StringComparison.Ordinal);
        await Say(police, 0, "exclusions", "add", "--subject", "SYNTHETIC case 0002", "--agency", shelter.Id, "--by", police.Worker);
        Assert.Contains(shelter.Id, await Say(police, 0, "exclusions", "list", "--subject", "SYNTHETIC case 0002", "--by", police.Worker), StringComparison.Ordinal);
        Assert.Contains("reviewed 20", await Say(police, 0, "exclusions", "reviewed", "--subject", "SYNTHETIC case 0002", "--by", police.Worker), StringComparison.Ordinal);
        Assert.Contains("nothing waits", await Say(police, 0, "drafts", "--by", police.Worker), StringComparison.Ordinal);
        await Say(police, null, "receipt", referral, "--by", police.Worker);
        await Say(police, null, "doctor");

        var member = (await police.Ask(Ct, "directory")).GetProperty("agencies").EnumerateArray().Single(one => one.GetProperty("agency").GetString() == shelter.Id);
        await Say(police, 0, "directory", "compare", shelter.Id, "--read", member.GetProperty("words").GetString()!, "--by", police.Worker);
        Assert.Contains($"compared by {police.Worker}", await Say(police, 0, "directory"), StringComparison.Ordinal);
        Assert.Contains("Nothing of that kind", await Say(police, 2, "directory", "search", "--family", "legal", "--age", "14"), StringComparison.Ordinal);

        var question = (await police.Ask(Ct, "indicators", "police")).GetProperty("questions")[0].GetProperty("code").GetString()!;
        Assert.Contains("not a finding", await Say(police, 0, "indicators", "answer", "police", "--subject", "SYNTHETIC case 0002", "--yes", question, "--by", police.Worker), StringComparison.Ordinal);

        foreach (var (words, named) in ((string[], string)[])[
            (["people", "contact", other, "--mail", "nobody"], "--mail"), (["people", "disable", "x", "--by", shelter.Lead], "HANDLE x"), (["people", "disable", other, "--by", "x"], "--by x"),
            (["duty", "add", "--person", other, "--from", Time(1), "--until", Time(-1)], "--until"), (["duty", "add", "--person", other, "--from", "noon", "--until", Time(1)], "--from noon"),
            (["duty", "remove", "one"], "one"), (["claim", "7", "--as", other], "7"), (["claim", referral], "--as"), (["fail", referral, "--by", other, "--reason", "bored", "--note", "-"], "--reason bored"),
            (["urgency", referral, "--by", other, "--to", "soon", "--reason", "risk-increased"], "--to soon"), (["directory", "compare", "NOT", "--read", "x", "--by", other], "AGENCY NOT"),
            (["directory", "search", "--family", "taxi"], "--family taxi"), (["directory", "search", "--area", "somewhere"], "--area somewhere"),
            (["indicators", "answer", "police", "--subject", "SYNTHETIC", "--yes", "no-such", "--by", other], "--yes"), (["keep", referral, "--by", other, "--ground", "because"], "--ground because"),
            (["alarms", "--by", "x"], "--by x"), (["no-such-command"], "no-such-command")])
        {
            Assert.Contains(named, await Say(shelter, 2, words), StringComparison.Ordinal);
        }

        foreach (var (words, error) in ((string[], string)[])[
            (["erase", referral, "--by", shelter.Worker], "not-for-you"), (["revocation-told", Nobody, "--by", shelter.Worker], "not-found"), (["decline", referral, "--by", shelter.Worker, "--reason", "no-capacity"], "state-forbids"),
            (["enter-in-error", referral, "--by", shelter.Worker], "state-forbids"), (["indicators", "ngo"], "not-found"), (["directory", "compare", "nobody", "--read", "x", "--by", shelter.Worker], "unknown-agency")])
        {
            Assert.Contains(error, await Say(shelter, 1, words), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_lost_recovery_paper_is_replaced_by_the_registrars()
    {
        var cast = (await story.Hear()).Cast;
        var police = cast.Police;
        using var folder = new TemporaryFolder();
        string[] Keys(params string[] words) => ["keys", .. words, "--data", police.Data, "--passphrase-file", police.Data + ".passphrase", "--json"];
        Assert.Contains("running", (await Executable.Gateway.Run(Keys("change-recovery", "--lost", "--recovery-out", folder.File("early")), Ct)).Error, StringComparison.Ordinal);

        await police.Kill();
        var made = JsonElement.Parse((await Executable.Gateway.Run(Keys("change-recovery", "--lost", "--recovery-out", folder.File("paper")), Ct)).Succeeded());
        var draft = folder.File("change");
        await Say(cast.Hub, 0, "agency", "draft", police.Id, "change-recovery", "--recovery", made.GetProperty("recovery").GetString()!, "--out", draft);
        await Say(cast.Hub, 0, ["agency", "change", .. await cast.Hub.Registrars.Sign(draft, Ct, made.GetProperty("digits").GetString()!)]);
        await police.Serve(Ct);
        await police.SyncAlarmed("own-key", Ct); // it did not do that itself, so a person looks
        Assert.Equal(0, (await police.Ask(Ct, "directory")).GetProperty("alarms").GetInt32());
    }

    private static async Task Board(HubNode hub, Cast cast, string referral)
    {
        foreach (var (words, isThere) in ((string[], bool)[])[
            ([], true), (["--json"], true), (["--agency", cast.Police.Id], true), (["--agency", "new-path-ngo"], false), (["--urgency", "urgent"], true), (["--urgency", "planned"], false),
            (["--service", "shelter"], true), (["--service", "legal"], false), (["--agency", cast.Shelter.Id, "--urgency", "urgent", "--service", "shelter"], true)])
        {
            Assert.Equal(isThere, (await Say(hub, 0, ["board", "--as", Coordinator, .. words])).Contains(referral, StringComparison.Ordinal));
        }

        foreach (var form in (string[][])[[], ["--json"]])
        {
            using var folder = new TemporaryFolder();
            await using var watch = Executable.Hub.Start(["board", "--as", Coordinator, "--watch", "--data", hub.Data, .. form], folder.File("watch.log"), folder.File("tmp"));
            for (var frame = 0; frame < 2; frame++) await watch.WaitForLine(line => line.Contains(referral, StringComparison.Ordinal), Soon, Ct);
            watch.Signal(Signals.Terminate); // Ctrl-C is ignored in all that is started by whoever runs the tests in the background
            await watch.Ended(Ct).WaitAsync(Soon, Ct);
            await watch.Stop(); // throws unless the exit code was 0
            if (form.Length > 0) Assert.All(watch.LastLines, line => Assert.Equal(JsonValueKind.Array, JsonElement.Parse(line).ValueKind));
        }
    }

    private static string Time(int days) => TimeProvider.System.GetUtcNow().AddDays(days).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
