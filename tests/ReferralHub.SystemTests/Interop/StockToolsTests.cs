using System.IO.Compression;
using System.Text.Json;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Demo.Processes;
using ReferralHub.Protocol.Audit;

namespace ReferralHub.SystemTests.Interop;

/// <summary>What a gateway exports is opened by others' software: nobody is locked in.</summary>
[Trait("group", "interop")]
[Collection(nameof(ToldStory))]
public sealed class StockToolsTests(ToldStory story)
{
    [Fact]
    public async Task Npm_age_encryption_opens_an_exported_envelope_tar_lists_it_and_npm_jose_verifies_its_statement()
    {
        var ct = TestContext.Current.CancellationToken;
        var (cast, handoff, _, _) = await story.Hear();
        using var folder = new TemporaryFolder();
        var (envelope, keys, passphrase) = (folder.File("record.age"), folder.File("keys.age"), folder.File("passphrase"));
        await cast.Shelter.ExportEnvelope(handoff.Referral, envelope, ct);
        await cast.Shelter.ExportKeys(keys, passphrase, ct);
        var opened = JsonElement.Parse((await Peers.Node.Run(
            [Checkout.Path("tests", "interop", "open-envelope.mjs"), envelope, keys, passphrase, SigningKey(Path.Combine(cast.Folder, handoff.Referral + ".zip"), cast.Police.Id)],
            ct)).Succeeded());

        Assert.Equal("inner+jws", opened.GetProperty("typ").GetString());
        Assert.Equal(cast.Police.Id, opened.GetProperty("from").GetString());
        Assert.Equal(cast.Shelter.Id, opened.GetProperty("to").GetString());
        Assert.Equal(handoff.Referral, opened.GetProperty("ref").GetString());
        Assert.Equal("record", opened.GetProperty("part").GetString());
        Assert.Equal(
            ["referral.json", "attachments/0001", "attachments/0002", "attachments/0003", "statement.jws"],
            opened.GetProperty("members").EnumerateArray().Select(member => member.GetString()));
        Assert.True(opened.GetProperty("digestsAgree").GetBoolean());
    }

    [Fact]
    public async Task Npm_jose_verifies_the_genesis_in_the_evidence_as_it_stands_for_each_registrar_it_names()
    {
        var ct = TestContext.Current.CancellationToken;
        var (cast, handoff, _, _) = await story.Hear();
        using var folder = new TemporaryFolder();
        await ZipFile.ExtractToDirectoryAsync(Path.Combine(cast.Folder, handoff.Referral + ".zip"), folder.Path, ct);
        var file = folder.File("directory/000000.jws");
        var genesis = Payload(await File.ReadAllBytesAsync(file, ct));
        foreach (var registrar in genesis.GetProperty("registrars").EnumerateArray())
        {
            Assert.True(CanonicalBase64.Url.TryDecode(registrar.GetProperty("key").GetString()!, out var raw));
            Assert.True(VerifyingKey.TryImport(raw, out var key));
            var header = JsonElement.Parse(await Peers.JoseVerify(key, file, folder.File("verified")));
            Assert.Equal("genesis+jws", header.GetProperty("typ").GetString());
            Assert.Equal(genesis.GetRawText(), await File.ReadAllTextAsync(folder.File("verified"), ct));
        }
    }

    [Fact]
    public async Task The_Python_in_a_bundles_VERIFY_page_finds_every_event_in_the_log_and_no_changed_one()
    {
        var ct = TestContext.Current.CancellationToken;
        var (cast, handoff, _, _) = await story.Hear();
        using var folder = new TemporaryFolder();
        await ZipFile.ExtractToDirectoryAsync(Path.Combine(cast.Folder, handoff.Referral + ".zip"), folder.Path, ct);
        var script = (await File.ReadAllLinesAsync(folder.File("VERIFY.md"), ct))
            .SkipWhile(line => !line.StartsWith("    import ", StringComparison.Ordinal)).TakeWhile(line => line.StartsWith("    ", StringComparison.Ordinal))
            .Select(line => line[4..]);
        await File.WriteAllLinesAsync(folder.File("included.py"), script, ct);
        var events = Directory.GetFiles(folder.File("events"), "*.json");
        Assert.NotEmpty(events);

        foreach (var file in events) Assert.Equal("in the log", await Included(folder.Path, file, await CoarseType(file, ct), ct));

        var type = await CoarseType(events[0], ct);
        var changed = await File.ReadAllTextAsync(events[0], ct);
        await File.WriteAllTextAsync(events[0], changed.Replace("Z\"", "z\"", StringComparison.Ordinal), ct);
        Assert.Equal("NOT in the log", await Included(folder.Path, events[0], type, ct));
    }

    // In the C locale, where Python reads text as ASCII unless told otherwise.
    private static async Task<string> Included(string folder, string file, byte type, CancellationToken ct) =>
        (await Executable.Tool("sh").Run(
            ["-c", "cd \"$0\" && LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 python3 included.py \"$1\" \"$2\"", folder,
                Path.GetFileNameWithoutExtension(file), $"{type}"], ct)).Succeeded().Trim();

    private static async Task<byte> CoarseType(string file, CancellationToken ct) =>
        AuditEvent.TryRead(await File.ReadAllBytesAsync(file, ct), out var read) ? read.CoarseType : throw new InvalidDataException($"{file} is no event.");

    private static JsonElement Payload(byte[] entry) =>
        CoSigned.TryParse(entry, out var signed) ? JsonElement.Parse(signed.Payload.Span) : throw new InvalidDataException("This is no directory entry.");

    /// <summary>An agency's signing key from the directory's entries in the evidence.</summary>
    private static string SigningKey(string evidence, string agency)
    {
        using var zip = ZipFile.OpenRead(evidence);
        foreach (var entry in zip.Entries.Where(entry => entry.FullName.StartsWith("directory/", StringComparison.Ordinal)))
        {
            using var content = new MemoryStream();
            using (var stream = entry.Open()) stream.CopyTo(content);
            var payload = Payload(content.ToArray());
            if (payload.TryGetProperty("agency", out var id) && id.GetString() == agency) return payload.GetProperty("signing").GetString()!;
        }

        throw new InvalidDataException($"The directory does not have {agency}.");
    }
}
