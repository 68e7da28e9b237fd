using System.CommandLine;
using System.IO.Pipes;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Alerts;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Tests.Gateway;

/// <summary>What the commands say that run by themselves, when something is not as they need it.</summary>
[Collection("commands")] // of these one at a time: an option is made once, and knows every command that it was ever added to
public sealed class CommandTests : IDisposable
{
    private readonly string _root = System.IO.Directory.CreateTempSubdirectory("rh-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Data => In("data");

    private string PassphraseFile => In("passphrase");

    public CommandTests() => File.WriteAllText(PassphraseFile, "SYNTHETIC passphrase\n");

    public void Dispose() => System.IO.Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Init_makes_keys_once_and_never_over_others()
    {
        Assert.Equal(0, (await InitAsync()).Exit);
        var keys = await File.ReadAllBytesAsync(Path.Combine(Data, "keys"), Ct);

        Assert.Equal("exists", (await InitAsync()).Error);
        Assert.Equal(keys, await File.ReadAllBytesAsync(Path.Combine(Data, "keys"), Ct));
        Assert.Contains("Whoever has it can act as the agency", await File.ReadAllTextAsync(In("recovery"), Ct), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(In("recovery")));
    }

    [Theory]
    [InlineData("--agency", "Not An Id")]
    [InlineData("--name", "x")]
    [InlineData("--service", "no-such-service")]
    public async Task Init_refuses_what_could_never_enrol_and_leaves_no_keys(string setting, string value)
    {
        var answer = await InitAsync(setting, value);
        Assert.Equal((Exit.Advice, "malformed"), (answer.Exit, answer.Error));
        Assert.Contains(value, answer.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Data, "keys")));
    }

    [Fact]
    public async Task Init_refuses_a_folder_whose_socket_could_not_be_opened()
    {
        var answer = await InitAsync("--data", In(new string('d', 110)));

        Assert.Equal("malformed", answer.Error);
        Assert.Contains("socket", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_do_not_go_together_are_refused_before_anything_is_asked()
    {
        var capacity = await RunAsync(SetCapacity.Command(), "set", "waitlist", "--number", "2", "--by", "wrk0001", "--data", Data);
        Assert.Equal((Exit.Advice, "malformed"), (capacity.Exit, capacity.Error));
        Assert.Contains("--service", capacity.Message, StringComparison.Ordinal);

        var contact = await RunAsync(SetContact.Command(), "contact", "wrk0001", "--mail", "-", "--telephone", "-", "--data", Data);
        Assert.Equal((Exit.Advice, "malformed"), (contact.Exit, contact.Error));
        Assert.Contains("standard input", contact.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_telephone_number_that_is_none_is_refused_and_not_repeated()
    {
        var answer = await RunAsync(SetContact.Command(), "contact", "wrk0001", "--telephone", "00155501", "--data", Data);
        Assert.Equal((Exit.Advice, "malformed"), (answer.Exit, answer.Error));
        Assert.DoesNotContain("55501", answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("serve")]
    [InlineData("join")]
    public async Task Before_init_a_command_says_that_init_is_missing(string command) =>
        Assert.Equal("not-initialised", (await OnDataAsync(command)).Error);

    [Fact]
    public async Task A_command_for_a_gateway_that_does_not_run_says_so_and_makes_no_file()
    {
        var answer = await RunAsync(ShowInbox(), "inbox", "--data", Data);
        Assert.Equal("not-running", answer.Error);

        var export = await RunAsync(
            ReferralHub.Gateway.Access.ExportEvidence.Command(), "export", "0190a4d2-0000-7000-8000-000000000000", In("out.zip"), "--data", Data);
        Assert.Equal("not-running", export.Error);
        Assert.False(File.Exists(In("out.zip")));
    }

    [Fact]
    public async Task What_a_command_saves_never_replaces_a_file()
    {
        await File.WriteAllTextAsync(In("out.zip"), "SYNTHETIC", Ct);

        var export = await RunAsync(
            ReferralHub.Gateway.Access.ExportEvidence.Command(), "export", "0190a4d2-0000-7000-8000-000000000000", In("out.zip"), "--data", Data);

        Assert.Equal((Exit.Advice, "malformed"), (export.Exit, export.Error));
        Assert.Contains(In("out.zip"), export.Message, StringComparison.Ordinal);
        Assert.Equal("SYNTHETIC", await File.ReadAllTextAsync(In("out.zip"), Ct));
    }

    [Fact]
    public async Task A_gateway_does_not_start_where_it_cannot_be_itself()
    {
        await using var pair = await TestPair.StartAsync();
        var folder = pair.Police.Folder;
        string[] serve = ["serve", "--data", folder.Root, "--passphrase-file", PassphraseFile];
        await pair.Police.SaveKeysAsync("another passphrase");
        Assert.Equal("wrong-passphrase", (await RunAsync(Serve.Command(), serve)).Error);

        await pair.Police.SaveKeysAsync("SYNTHETIC passphrase");
        Assert.Equal("not-joined", (await RunAsync(Serve.Command(), serve)).Error);
        using (folder.TakeLock()) Assert.Equal("running", (await RunAsync(Serve.Command(), serve)).Error);
        using (folder.TakeLock()) Assert.Equal("running", (await RunAsync(Join.Command(), ["join", "https://hub.test/", .. JoinOptions(folder.Root)])).Error);

        await pair.Police.With(async db =>
        {
            (await db.Bindings.SingleAsync(Ct)).Certificates = "none";
            return await db.SaveChangesAsync(Ct);
        });
        await pair.Shelter.SaveKeysAsync("SYNTHETIC passphrase");
        File.Copy(pair.Shelter.Folder.Enrolment, folder.Enrolment, overwrite: true);
        Assert.Equal("broken", (await RunAsync(Serve.Command(), serve)).Error);

        await pair.Police.With(db => db.Database.ExecuteSqlAsync($"INSERT INTO __EFMigrationsHistory VALUES ('29991231235959_Later', '99')", Ct));
        Assert.Equal("newer-data", (await RunAsync(Serve.Command(), serve)).Error);
        Assert.Equal("newer-data", (await RunAsync(Status.Command(), "status", "--data", folder.Root)).Error);
    }

    [Theory]
    [InlineData("not an address", "", "malformed")]
    [InlineData("http://hub.test/", "", "malformed")]
    [InlineData("https://hub.test/", "abc", "malformed")]
    public async Task Join_refuses_an_address_or_fingerprint_that_is_none(string url, string fingerprint, string error) =>
        Assert.Equal(error, (await RunAsync(Join.Command(), ["join", url, .. JoinOptions(Data, fingerprint)])).Error);

    [Fact]
    public async Task Join_binds_a_folder_to_one_hub_for_ever()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.Police.SaveKeysAsync("SYNTHETIC passphrase");

        var answer = await RunAsync(Join.Command(), ["join", "https://hub.test/", .. JoinOptions(pair.Police.Folder.Root)]);

        Assert.Equal("other-hub", answer.Error);
    }

    [Fact]
    public async Task A_registrar_signs_with_its_own_key_what_it_was_shown_and_nothing_else()
    {
        string[] init = ["init", In("registrar"), "--name", "board", "--passphrase-file", PassphraseFile];
        Assert.Equal(0, (await RunAsync(RegistrarInit.Command(), init)).Exit);
        Assert.Equal("exists", (await RunAsync(RegistrarInit.Command(), init)).Error);
        Assert.Equal("malformed", (await RunAsync(RegistrarInit.Command(), "init", In("other"), "--name", "Not An Id", "--passphrase-file", PassphraseFile)).Error);

        await using var pair = await TestPair.StartAsync();
        await File.WriteAllBytesAsync(In("enrolment"), pair.Police.Own.Enrolment.ToArray(), Ct);
        await File.WriteAllBytesAsync(In("genesis"), pair.Hub.GenesisEntry, Ct);
        await File.WriteAllTextAsync(In("broken"), "{}", Ct);
        await File.WriteAllTextAsync(In("wrong"), "another passphrase", Ct);

        Assert.Equal("malformed", (await SignAsync("broken", "--yes")).Error);
        Assert.Equal("no-origin", (await SignAsync("enrolment", "--yes")).Error);
        Assert.Equal("not-a-registrar", (await SignAsync("genesis", "--yes")).Error);
        var fingerprint = Fingerprint.Of(Origin.Parse("hub.test"), pair.Police.Id, pair.Police.Own.Event.Recovery);
        var (digits, words) = (Fingerprint.Digits(fingerprint), Fingerprint.Words(fingerprint));
        Assert.Equal("fingerprint-differs", (await SignAsync("enrolment", "--origin", "hub.test", "--fingerprint-digits", "12345")).Error);
        Assert.Equal("fingerprint-differs", (await SignAsync("enrolment", "--origin", "hub.test", "--fingerprint-words", words[..words.LastIndexOf(' ')])).Error);
        Assert.Equal("fingerprint-differs", (await SignAsync("enrolment", "--origin", "hub.test", "--fingerprint-digits", digits, "--fingerprint-words", "zoo")).Error);
        Assert.False(File.Exists(In("signed")));
        Assert.Equal(0, (await SignAsync("enrolment", "--origin", "hub.test", "--fingerprint-digits", digits.Replace(" ", "", StringComparison.Ordinal))).Exit);
        Assert.Equal(0, (await SignAsync("enrolment", "--origin", "hub.test", "--fingerprint-words", $" {words.ToUpperInvariant().Replace(" ", "  ", StringComparison.Ordinal)}")).Exit);
        Assert.Equal(0, (await SignAsync("enrolment", "--origin", "hub.test", "--yes")).Exit);
        Assert.True(CoSigned.TryParse(await File.ReadAllBytesAsync(In("signed"), Ct), out var signed));
        Assert.Equal(3, signed.Signatures.Count);
        File.Copy(In("wrong"), PassphraseFile, overwrite: true);
        Assert.Equal("wrong-passphrase", (await SignAsync("enrolment", "--origin", "hub.test", "--yes")).Error);
    }

    [Theory]
    [InlineData(AgencyChangeCode.Suspend, "")]
    [InlineData(AgencyChangeCode.Resume, "")]
    [InlineData(AgencyChangeCode.Close, "")]
    [InlineData(AgencyChangeCode.ChangeRecovery, "")]
    [InlineData(AgencyChangeCode.RotateSigning, "malformed")]
    public async Task A_registrar_signs_what_registrars_decide_about_an_agency_and_nothing_that_the_agency_does(AgencyChangeCode code, string error)
    {
        await RunAsync(RegistrarInit.Command(), "init", In("registrar"), "--name", "board", "--passphrase-file", PassphraseFile);
        using var key = SigningKey.Import(new byte[SigningKey.SeedSize]);
        var change = new AgencyChange
        {
            Agency = AgencyId.Parse("police"),
            Seq = 1,
            Prev = default,
            IssuedAt = DateTimeOffset.UnixEpoch,
            Event = code,
            Recovery = code is AgencyChangeCode.ChangeRecovery ? key.VerifyingKey : null,
            Signing = code is AgencyChangeCode.RotateSigning ? key.VerifyingKey : null,
        };
        await File.WriteAllBytesAsync(In("draft"), StrictJson.Write(change), Ct);

        // A new recovery key is compared as the first one was.
        if (change.Recovery is not null)
            Assert.Equal("fingerprint-differs", (await SignAsync("draft", "--origin", "hub.test", "--fingerprint-digits", "12345")).Error);
        Assert.Equal(error, (await SignAsync("draft", "--origin", "hub.test", "--yes")).Error);

        Assert.Equal(error.Length == 0, File.Exists(In("signed")));
        if (error.Length > 0) return;
        Assert.True(CoSigned.TryParse(await File.ReadAllBytesAsync(In("signed"), Ct), out var signed));
        Assert.True(AgencyChange.TryRead(signed, out var read));
        Assert.Equal((code, 1), (read.Event, signed.Signatures.Count));
    }

    [Fact]
    public async Task Keys_restore_takes_up_what_a_backup_holds_once_and_nothing_of_a_wrong_one()
    {
        Assert.Equal(0, (await InitAsync()).Exit);
        using (var lost = AgencyKeys.Create(DateTimeOffset.UnixEpoch))
        using (var cheap = new ScryptRecipient("SYNTHETIC backup"u8, work: 10))
        await using (var file = File.Create(In("backup"))) KeyBackup.Write(file, lost, cheap);
        await File.WriteAllTextAsync(In("backup-passphrase"), "SYNTHETIC backup\n", Ct);
        await File.WriteAllTextAsync(In("broken"), "{}", Ct);

        Assert.Equal("wrong-passphrase", (await RestoreAsync("backup", PassphraseFile)).Error);
        Assert.Equal("malformed", (await RestoreAsync("broken", In("backup-passphrase"))).Error);
        Assert.Equal(1, Held());
        Assert.Equal(0, (await RestoreAsync("backup", In("backup-passphrase"))).Exit);
        Assert.Equal(2, Held());
        Assert.Equal(0, (await RestoreAsync("backup", In("backup-passphrase"))).Exit);
        Assert.Equal(2, Held());

        Task<Answer> RestoreAsync(string backup, string passphraseFile) => RunAsync(
            RestoreKeys.Command(), "restore", In(backup), "--data", Data, "--passphrase-file", PassphraseFile, "--backup-passphrase-file", passphraseFile);

        int Held()
        {
            using var own = OwnAgency.Unlock(new DataFolder(Data), "SYNTHETIC passphrase"u8);
            return own.Keys.Encryption.Count;
        }
    }

    [Fact]
    public void A_secret_and_a_paper_may_come_out_of_a_pipe_and_are_no_longer_than_they_can_be()
    {
        Assert.Equal("SYNTHETIC passphrase", Piped("SYNTHETIC passphrase\n", Secret));
        foreach (var wrong in (string[])["\n", new('s', 1025)]) Assert.Equal("no-passphrase", Assert.Throws<CommandException>(() => Piped(wrong, Secret)).Error);

        using var key = RecoveryKey.Create();
        using var read = Piped($"SYNTHETIC paper\n{new string(key.ExportLine())}", RecoverAgency.ReadPaper);
        Assert.Equal(key.Signing.VerifyingKey, read.Signing.VerifyingKey);

        static string Secret(string file)
        {
            using var read = Passphrase.Read(file, "--secret-file");
            return Encoding.UTF8.GetString(read.Utf8);
        }

        static T Piped<T>(string text, Func<string, T> read)
        {
            using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
            using var end = pipe.ClientSafePipeHandle;
            pipe.Write(Encoding.UTF8.GetBytes(text));
            pipe.Dispose();
            return read($"/dev/fd/{end.DangerousGetHandle()}");
        }
    }

    [Fact]
    public async Task What_is_asked_for_and_is_not_there_is_named_as_a_wrong_argument()
    {
        var codes = await RunAsync(ShowCodes.Command(), "codes", "no-such-set");
        Assert.Equal((Exit.Advice, "malformed"), (codes.Exit, codes.Error));

        var profile = await RunAsync(ReferralHub.Gateway.Directory.SetProfile.Command(), "set", In("none.json"), "--by", "somebody", "--data", Data);
        Assert.Equal((Exit.Advice, "malformed"), (profile.Exit, profile.Error));
        Assert.StartsWith($"FILE {In("none.json")}: ", profile.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_schema_of_the_form_is_the_same_in_JSON_as_for_a_person()
    {
        foreach (var form in (string[][])[[], ["--json"]])
        {
            var output = new StringWriter();
            Assert.Equal(0, await Cli.Root("tests", FormSchemaCommand.Command()).Parse(["schema", .. form]).InvokeAsync(new InvocationConfiguration { Output = output }, Ct));
            Assert.Equal(ReferralHub.Protocol.Content.FormSchema.Text, output.ToString());
        }
    }

    private static Command ShowInbox() => ReferralHub.Gateway.Incoming.ListReferrals.Inbox();

    private string In(string name) => Path.Combine(_root, name);

    private Task<Answer> InitAsync(string setting = "--agency", string value = "harbour")
    {
        var settings = new Dictionary<string, string>
        {
            ["--data"] = Data,
            ["--agency"] = "harbour",
            ["--kind"] = "ngo",
            ["--name"] = "SYNTHETIC Harbour",
            ["--service"] = "shelter",
            ["--recovery-out"] = In("recovery"),
            ["--passphrase-file"] = PassphraseFile,
            [setting] = value,
        };
        return RunAsync(Init.Command(), ["init", .. settings.SelectMany(pair => new[] { pair.Key, pair.Value })]);
    }

    private Task<Answer> OnDataAsync(string command) => command switch
    {
        "status" => RunAsync(Status.Command(), "status", "--data", Data),
        "serve" => RunAsync(Serve.Command(), "serve", "--data", Data, "--passphrase-file", PassphraseFile),
        _ => RunAsync(Join.Command(), ["join", "https://hub.test/", .. JoinOptions(Data)]),
    };

    private string[] JoinOptions(string data, string fingerprint = "") =>
        ["--fingerprint", fingerprint.Length > 0 ? fingerprint : new string('a', 64), "--token", "t", "--data", data, "--passphrase-file", PassphraseFile];

    private Task<Answer> SignAsync(string file, params string[] more) => RunAsync(
        RegistrarSign.Command(), ["sign", In(file), "--key", In("registrar"), "--out", In("signed"), "--passphrase-file", PassphraseFile, .. more]);

    // Every answer is also JSON: a refusal on standard error, the rest on standard output.
    private static async Task<Answer> RunAsync(Command command, params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await Cli.Root("tests", command).Parse([.. arguments, "--json"])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, Ct);
        if (error.ToString().Length == 0)
        {
            using var answer = JsonDocument.Parse(output.ToString());
            return new(exit, "", "");
        }

        var refusal = JsonSerializer.Deserialize<RefusalBody>(error.ToString(), LocalJson.Options)!;
        return new(exit, refusal.Error, refusal.Message);
    }

    private sealed record Answer(int Exit, string Error, string Message);
}
