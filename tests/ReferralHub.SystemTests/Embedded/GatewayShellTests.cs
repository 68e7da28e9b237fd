using System.Text;
using ReferralHub.Demo;
using ReferralHub.Demo.Processes;
using ReferralHub.Demo.Stories;
using static ReferralHub.SystemTests.Embedded.Typing;

namespace ReferralHub.SystemTests.Embedded;

/// <summary>What people of an agency type that stands in no story, or there for programs only.</summary>
[Trait("group", "embedded"), Trait("when", "named")]
[Collection(nameof(ToldStory))]
public sealed class GatewayShellTests(ToldStory story)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_an_agency_offers_and_what_it_declines_is_said_as_the_help_says()
    {
        var cast = (await story.Hear()).Cast;
        var (police, shelter) = (cast.Police, cast.Shelter);
        using var folder = new TemporaryFolder();
        Assert.Equal(await File.ReadAllTextAsync(Checkout.Path("docs", "schema", "referral.json"), Ct), await Say(Executable.Gateway, 0, ["form", "schema"]));
        Assert.Contains("decline-reason, version ", await Say(Executable.Gateway, 0, ["codes"]), StringComparison.Ordinal);
        Assert.Contains("  no-capacity: ", await Say(Executable.Gateway, 0, ["codes", "decline-reason"]), StringComparison.Ordinal);
        Assert.Contains("SET no-such", await Say(Executable.Gateway, 2, ["codes", "no-such"]), StringComparison.Ordinal);

        var profile = folder.File("profile.json");
        await File.WriteAllTextAsync(profile, Papers.Profile(TimeProvider.System.GetUtcNow()).Replace("psychosocial", "safehouse", StringComparison.Ordinal), Ct);
        Assert.Contains("Nothing is published yet", await Say(shelter, 1, "capacity", "set", "waitlist", "--by", shelter.Worker), StringComparison.Ordinal);
        Assert.Contains("published: safehouse", await Say(shelter, 0, "profile", "set", profile, "--by", shelter.Worker), StringComparison.Ordinal);
        Assert.Contains("published: safehouse", await Say(shelter, 0, "capacity", "set", "waitlist", "--service", "safehouse", "--number", "1", "--by", shelter.Worker), StringComparison.Ordinal);
        Assert.Contains($"{shelter.Id}  safehouse", await Say(police, 0, "directory", "search", "--family", "shelter", "--age", "14"), StringComparison.Ordinal);

        var handoff = new Handoff(police, cast, Narrator.Silent) { WithFiles = false };
        await handoff.RecordConsent(Ct);
        await handoff.Send(Ct);
        await shelter.Sync(Ct);
        await shelter.Acknowledge(handoff.Referral, Ct);
        string[] decline = ["decline", handoff.Referral, "--by", shelter.Worker, "--reason"];
        foreach (var (exit, words, named) in ((int, string[], string)[])[
            (2, ["capacity", "set", "full", "--by", shelter.Worker], "CODE full"), (2, ["capacity", "set", "capacity", "--service", "taxi", "--by", shelter.Worker], "--service taxi"),
            (1, ["capacity", "set", "capacity", "--service", "legal", "--by", shelter.Worker], "not-found"), (2, ["profile", "set", folder.File("none"), "--by", shelter.Worker], "FILE "),
            (2, [.. decline, "bored"], "--reason bored"), (1, [.. decline, "no-capacity", "--suggest", "nobody"], "unknown-agency"), (2, [.. decline, "no-capacity", "--suggest", police.Id], "--suggest")])
        {
            Assert.Contains(named, await Say(shelter, exit, words), StringComparison.Ordinal);
        }

        Assert.Contains($"declined, responsible now: {police.Id}", await Say(shelter, 0, [.. decline, "no-capacity"]), StringComparison.Ordinal);
        await police.Sync(Ct);
    }

    [Fact]
    public async Task A_consent_is_taken_back_at_the_recipient_while_two_people_hold_what_it_has()
    {
        var cast = (await story.Hear()).Cast;
        var (police, shelter) = (cast.Police, cast.Shelter);
        using var folder = new TemporaryFolder();
        var handoff = new Handoff(police, cast, Narrator.Silent) { WithFiles = false };
        await handoff.RecordConsent(Ct);
        await handoff.Send(Ct);
        await handoff.Arrive(Ct);
        await handoff.Accept(Ct);
        await handoff.OpenRecord(Ct);
        var referral = handoff.Referral;
        await ExportEnvelope(shelter, referral, police.PassphraseFile, folder);

        var (first, second) = (await shelter.HireSigner("SYNTHETIC Worker Ben Example", Ct), await shelter.HireSigner("SYNTHETIC Worker Eva Example", Ct));
        Assert.Contains("wrong-secret", await Say(shelter, 1, ["legal-hold", "place", referral, .. By(first with { SecretFile = second.SecretFile })]), StringComparison.Ordinal);
        var placed = await Draft("place", first);
        Assert.Contains(placed, await Say(shelter, 0, "drafts", "--by", second.Handle), StringComparison.Ordinal);
        Assert.Contains("not-for-you", await Say(shelter, 1, ["drafts", "show", placed, .. As(first)]), StringComparison.Ordinal);
        Assert.Contains("act: placed", await Say(shelter, 0, ["drafts", "show", placed, .. As(second)]), StringComparison.Ordinal);
        var secret = await File.ReadAllTextAsync(second.SecretFile, Ct); // through a pipe, as the help says
        Assert.Contains("approved: the hub has committed it\n", await SayWith(secret, shelter, 0, ["approve", placed, .. As(second with { SecretFile = "/dev/stdin" })]), StringComparison.Ordinal);

        Assert.Contains("locked, nothing of it is opened here again; the sender is told", await Say(shelter, 0, "revocation-told", referral, "--by", shelter.Worker), StringComparison.Ordinal);
        Assert.Contains("locked: ", await Say(shelter, 1, "open", referral, "--by", shelter.Worker), StringComparison.Ordinal);
        await Audit(shelter, $"{referral}  {shelter.Worker}  revocation-told", first, folder);
        await police.SyncAlarmed("revocation-told", Ct);
        Assert.Contains($"consent: {handoff.Consent}", await Say(police, 0, "show", referral, "--by", police.Worker), StringComparison.Ordinal);
        Assert.Contains($"{referral} at {shelter.Id}: locked there", await Say(police, 0, "consent", "revoke", handoff.Consent, "--by", police.Worker), StringComparison.Ordinal);
        await shelter.SyncAlarmed("consent-revoked", Ct);

        Assert.Contains("custody-forbids", await Say(shelter, 1, "erase", referral, "--by", shelter.Lead), StringComparison.Ordinal);
        Assert.Contains("nothing was deleted", await Say(shelter, 0, "keep", referral, "--by", shelter.Lead, "--ground", "legal-hold"), StringComparison.Ordinal);
        await Say(shelter, 0, ["approve", await Draft("release", second), .. As(first)]);
        Assert.Contains("2 sealed parts are deleted; the sender is told", await Say(shelter, 0, "erase", referral, "--by", shelter.Lead), StringComparison.Ordinal);
        await police.Sync(Ct);
        await Account(police, shelter.Name, folder);

        Assert.Contains("state-forbids", await Say(shelter, 1, "confirm-withdrawal", referral, "--by", shelter.Worker), StringComparison.Ordinal);
        Assert.Contains("--reason tired", await Say(police, 2, "withdraw", referral, "--by", police.Worker, "--reason", "tired"), StringComparison.Ordinal);
        Assert.Contains(
            $"accepted (withdrawal not confirmed), responsible now: {shelter.Id}",
            await Say(police, 0, "withdraw", referral, "--by", police.Worker, "--reason", "consent-withdrawn"), StringComparison.Ordinal);
        await shelter.Sync(Ct);
        Assert.Contains($"withdrawn, responsible now: {police.Id}", await Say(shelter, 0, "confirm-withdrawal", referral, "--by", shelter.Worker), StringComparison.Ordinal);
        await police.Sync(Ct);

        async Task<string> Draft(string act, Signer by)
        {
            var said = await Say(shelter, 2, ["legal-hold", act, referral, .. By(by)]);
            Assert.Contains("a second person must approve it", said, StringComparison.Ordinal);
            return said.Split('\n')[0]["draft: ".Length..];
        }
    }

    [Fact]
    public async Task What_goes_without_consent_is_read_by_the_second_person_and_taken_back_as_an_error()
    {
        var cast = (await story.Hear()).Cast;
        var (police, shelter) = (cast.Police, cast.Shelter);
        using var folder = new TemporaryFolder();
        var paper = folder.File("emergency.json");
        await File.WriteAllTextAsync(paper, Papers.Emergency(TimeProvider.System.GetUtcNow()).Replace("\"medical\"", "\"shelter\"", StringComparison.Ordinal), Ct);
        var (first, second) = (await police.HireSigner("SYNTHETIC Officer Ida Example", Ct), await police.HireSigner("SYNTHETIC Officer Kim Example", Ct));

        var draft = await police.Draft(paper, shelter, first, Ct);
        Assert.Contains("reason: SYNTHETIC: no guardian can be asked", await Say(police, 0, ["drafts", "show", draft, .. As(second)]), StringComparison.Ordinal);
        Assert.Contains("and a coordinator reviews", await Say(police, 0, ["approve", draft, .. As(second)]), StringComparison.Ordinal);
        await shelter.Sync(Ct);
        await police.Sync(Ct);
        Assert.Contains("entered-in-error", await Say(police, 0, "enter-in-error", draft, "--by", first.Handle), StringComparison.Ordinal);
        await shelter.Sync(Ct);
    }

    [Fact]
    public async Task Who_lost_its_disk_and_kept_a_backup_of_its_keys_opens_again_what_it_had()
    {
        using var folder = new TemporaryFolder();
        await using var cast = await Cast.AssemblePair(folder.Path, Narrator.Silent, Ct);
        var shelter = cast.Shelter;
        var handoff = new Handoff(cast.Police, cast, Narrator.Silent) { WithFiles = false };
        await handoff.RecordConsent(Ct);
        await handoff.Send(Ct);
        await handoff.Arrive(Ct);
        await handoff.Accept(Ct);
        var (backup, passphrase) = (folder.File("keys.age"), folder.File("backup.passphrase"));
        await shelter.ExportKeys(backup, passphrase, Ct);
        await shelter.Kill();
        Assert.Contains("not-running", await Say(shelter, 1, "health"), StringComparison.Ordinal);
        shelter.LoseEverything();

        await Say(shelter, 0, "recover", cast.Hub.Url, "--fingerprint", cast.Hub.Fingerprint, "--recovery-file", shelter.Data + ".recovery", "--passphrase-file", shelter.PassphraseFile);
        Assert.Contains("wrong-passphrase", await Say(shelter, 1, Restore(shelter.PassphraseFile)), StringComparison.Ordinal);
        Assert.Contains("1 encryption keys restored, 0 were here already", await Say(shelter, 0, Restore(passphrase)), StringComparison.Ordinal);
        await shelter.Serve(Ct);
        Assert.Contains($"{shelter.Id}: works", await Say(shelter, 0, "health"), StringComparison.Ordinal);
        Assert.Contains("running", await Say(shelter, 1, Restore(passphrase)), StringComparison.Ordinal);

        await shelter.Hire(Ct);
        await shelter.Sync(Ct); // throws where an alarm stands, as when something does not open
        Assert.Contains("SYNTHETIC Sara Example", await Say(shelter, 0, "open", handoff.Referral, "--by", shelter.Worker), StringComparison.Ordinal);

        string[] Restore(string passphraseFile) => ["keys", "restore", backup, "--backup-passphrase-file", passphraseFile, "--passphrase-file", shelter.PassphraseFile];
    }

    private static string[] As(Signer who) => ["--as", who.Handle, "--secret-file", who.SecretFile];

    private static string[] By(Signer who) => ["--by", who.Handle, "--secret-file", who.SecretFile];

    private static async Task ExportEnvelope(AgencyNode agency, string referral, string othersPassphrase, TemporaryFolder folder)
    {
        var (file, never) = (folder.File("record.age"), folder.File("never.age"));
        string[] Export(string to, string passphrase, string part) =>
            ["envelope", "export", referral, to, "--part", part, "--by", agency.Worker, "--passphrase-file", passphrase];
        Assert.Contains("this was recorded", await Say(agency, 0, Export(file, agency.PassphraseFile, "record")), StringComparison.Ordinal);
        Assert.StartsWith("age-encryption.org/v1\n", await File.ReadAllTextAsync(file, Encoding.Latin1, Ct), StringComparison.Ordinal);

        foreach (var (exit, words, error) in ((int, string[], string)[])[
            (1, Export(file, agency.PassphraseFile, "record"), file), (1, Export(never, othersPassphrase, "record"), "wrong-passphrase"), (2, Export(never, agency.PassphraseFile, "letter"), "--part letter")])
        {
            Assert.Contains(error, await Say(agency, exit, words), StringComparison.Ordinal);
        }

        Assert.False(File.Exists(never));
    }

    private static async Task Audit(AgencyNode agency, string refused, Signer other, TemporaryFolder folder)
    {
        var secret = folder.File("auditor.secret");
        Secrets.WritePassphrase(secret);
        var auditor = new Signer((await Say(agency, 0, "people", "add", "SYNTHETIC Auditor Rim Example", "--auditor")).Trim(), secret);
        await Say(agency, 0, "people", "secret", auditor.Handle, "--new-secret-file", secret);
        Assert.Contains("SYNTHETIC Auditor Rim Example  auditor", await Say(agency, 0, "people", "list"), StringComparison.Ordinal);
        Assert.Contains(refused, await Say(agency, 0, ["refusals", .. As(auditor)]), StringComparison.Ordinal);
        Assert.Contains("not-for-you", await Say(agency, 1, ["refusals", .. As(other)]), StringComparison.Ordinal);
    }

    private static async Task Account(AgencyNode agency, string told, TemporaryFolder folder)
    {
        string[] account = ["account", "--by", agency.Worker, "--subject"];
        var text = await SayWith(Papers.Subject, agency, 0, [.. account, "-"]);
        foreach (var line in (string[])[told, "  You took your yes back.", "  They say that they erased everything on ", "  Somebody there first opened it on "])
            Assert.Contains(line, text, StringComparison.Ordinal);

        var file = folder.File("account.html");
        Assert.Contains($"saved {file}", await SayWith(Papers.Subject, agency, 0, [.. account, "-", "--html", file]), StringComparison.Ordinal);
        var page = await File.ReadAllTextAsync(file, Ct);
        foreach (var part in (string[])["<title>Account</title>", $"<h2>{told}</h2>", "<p>They say that they erased everything on "]) Assert.Contains(part, page, StringComparison.Ordinal);
        Assert.DoesNotContain("Sara", page, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Contains("not-found", await Say(agency, 1, [.. account, "SYNTHETIC nobody"]), StringComparison.Ordinal);
        Assert.Contains("  revoked  until ", await SayWith(Papers.Subject, agency, 0, ["consent", "list", "--by", agency.Worker, "--subject", "-"]), StringComparison.Ordinal);
    }
}
