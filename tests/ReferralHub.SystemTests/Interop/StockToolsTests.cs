using System.IO.Compression;
using System.Text.Json;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Demo.Processes;

namespace ReferralHub.SystemTests.Interop;

/// <summary>What a gateway exports is opened by others' software: nobody is locked in.</summary>
[Trait("group", "interop")]
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
        var opened = JsonElement.Parse((await Executable.Tool("node").Run(
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

    /// <summary>An agency's signing key from the directory's entries in the evidence.</summary>
    private static string SigningKey(string evidence, string agency)
    {
        using var zip = ZipFile.OpenRead(evidence);
        foreach (var entry in zip.Entries.Where(entry => entry.FullName.StartsWith("directory/", StringComparison.Ordinal)))
        {
            using var content = new MemoryStream();
            using (var stream = entry.Open()) stream.CopyTo(content);
            if (!CoSigned.TryParse(content.ToArray(), out var signed)) throw new InvalidDataException($"{entry.FullName} is no entry.");
            var payload = JsonElement.Parse(signed.Payload.Span);
            if (payload.TryGetProperty("agency", out var id) && id.GetString() == agency) return payload.GetProperty("signing").GetString()!;
        }

        throw new InvalidDataException($"The directory does not have {agency}.");
    }
}
