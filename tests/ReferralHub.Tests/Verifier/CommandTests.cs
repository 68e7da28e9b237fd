using System.Text.Json;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Tests.Protocol.Evidence;
using ReferralHub.Verifier;

namespace ReferralHub.Tests.Verifier;

/// <summary>What a person sees who runs <c>rh-verify</c>.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("rh-verify");
    private readonly Story _story = new Story().Play();

    [Fact]
    public void Good_evidence_exits_0_and_tells_who_was_responsible_after_each_act()
    {
        var (exit, output, error) = Run(Saved(_story.Bundle()), "--fingerprint", _story.Fingerprint.ToString());

        Assert.Equal((0, ""), (exit, error));
        Assert.StartsWith("rh-verify: the evidence holds.\n", output, StringComparison.Ordinal);
        Assert.Contains("harbour-shelter  wrk0002  accepted: expected by 2026-03-03T08:00:00Z", output, StringComparison.Ordinal);
        Assert.Matches(@"acknowledged +north-police\n", output);
        Assert.Matches(@"accepted: expected by \S+ +harbour-shelter\n", output);
        Assert.Matches(@"loop-closed +-\n", output);
        Assert.Matches(@"was refused: urn:referralhub:refusal:not-released +north-police\n", output);
        Assert.Matches(@"record +north-police +harbour-shelter +\S+ +\S+ and 1 more +both ends agree\n", output);
        Assert.All(output, letter => Assert.True(letter is '\n' or >= ' ' and <= '~'));
    }

    [Fact]
    public void A_disclosure_that_does_not_pair_is_shown()
    {
        using var story = new Story { Happens = statement => statement is not ReferralHub.Protocol.Statements.ReleaseRequest { Part: ReferralHub.Protocol.Wire.Part.Record } }.Play();
        var (exit, output, _) = Run(Saved(story.Bundle()), "--fingerprint", story.Fingerprint.ToString());
        Assert.Equal(0, exit);
        Assert.Contains("OPENED BEFORE IT WAS HANDED OVER", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_evidence_exits_1_and_names_the_first_thing_wrong_on_one_line()
    {
        var zip = _story.Bundle();
        zip[^1] ^= 1;
        var (exit, output, error) = Run(Saved(zip), "--fingerprint", _story.Fingerprint.ToString());

        Assert.Equal((1, ""), (exit, output));
        Assert.Matches(@"^rh-verify: broken: evidence\.zip: .+ \(archive\)\n$", error);
    }

    [Fact]
    public void Another_hub_s_fingerprint_breaks_the_evidence_at_genesis()
    {
        var (exit, _, error) = Run(Saved(_story.Bundle()), "--fingerprint", new string('0', 64));
        Assert.Equal(1, exit);
        Assert.Contains("directory/000000.jws", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_F_it_exits_2_and_explains_where_F_comes_from()
    {
        var (exit, output, error) = Run(Saved(_story.Bundle()));
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("must not come from the evidence", error, StringComparison.Ordinal);
        Assert.Contains("registrar", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1234")]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void An_F_of_another_form_exits_2(string fingerprint)
    {
        var (exit, _, error) = Run(Saved(_story.Bundle()), "--fingerprint", fingerprint);
        Assert.Equal((2, "rh-verify: F is 64 hexadecimal digits in lower case.\n"), (exit, error));
    }

    [Fact]
    public void No_file_a_missing_file_and_an_unknown_option_exit_2()
    {
        var fingerprint = _story.Fingerprint.ToString();
        Assert.Equal(2, Run("--fingerprint", fingerprint).Exit);
        Assert.Equal(2, Run(Path.Combine(_folder.FullName, "none.zip"), "--fingerprint", fingerprint).Exit);
        Assert.Equal(2, Run(Saved(_story.Bundle()), "--fingerprint", fingerprint, "--trust-me").Exit);
    }

    [Fact]
    public void A_file_larger_than_any_bundle_is_broken_and_not_read_to_its_end()
    {
        var path = Path.Combine(_folder.FullName, "large.zip");
        using (var stream = File.Create(path)) stream.SetLength(16L << 30);
        var (exit, _, error) = Run(path, "--fingerprint", _story.Fingerprint.ToString());
        Assert.Equal(1, exit);
        Assert.EndsWith("(archive)\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_tells_the_same_story()
    {
        var (exit, output, _) = Run(Saved(_story.Bundle()), "--fingerprint", _story.Fingerprint.ToString(), "--json");
        Assert.Equal(0, exit);

        var result = JsonDocument.Parse(output).RootElement;
        Assert.True(result.GetProperty("holds").GetBoolean());
        Assert.False(result.TryGetProperty("finding", out _));
        Assert.Equal(_story.Fingerprint.ToString(), result.GetProperty("fingerprint").GetString());

        var story = result.GetProperty("story");
        Assert.Equal("loop-closed", story.GetProperty("state").GetString());
        Assert.False(story.TryGetProperty("responsible", out _));
        var accepted = story.GetProperty("acts").EnumerateArray().First(act => act.GetProperty("words").GetString()!.StartsWith("accepted:", StringComparison.Ordinal));
        Assert.Equal(("harbour-shelter", "wrk0002", "acknowledgement"), (Text(accepted, "responsible"), Text(accepted, "by"), Text(accepted, "kind")));
        Assert.Equal(["paired", "paired", "paired"], story.GetProperty("disclosures").EnumerateArray().Select(part => Text(part, "match")));

        static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
    }

    [Fact]
    public void Json_of_broken_evidence_has_the_finding_and_no_story()
    {
        var (exit, output, error) = Run(Saved([1, 2, 3]), "--fingerprint", _story.Fingerprint.ToString(), "--json");
        Assert.Equal((1, ""), (exit, error));

        var result = JsonDocument.Parse(output).RootElement;
        Assert.False(result.GetProperty("holds").GetBoolean());
        Assert.False(result.TryGetProperty("story", out _));
        Assert.Equal(("evidence.zip", "archive"), (result.GetProperty("finding").GetProperty("path").GetString(), result.GetProperty("finding").GetProperty("fault").GetString()));
    }

    [Fact]
    public void A_folder_that_is_a_collection_is_checked_whole_and_any_other_is_broken()
    {
        var fingerprint = _story.Fingerprint.ToString();
        Assert.Equal((1, "rh-verify: broken: genesis.jws: This file must be there and is not. (file-missing)\n"), (Run(_folder.FullName, "--fingerprint", fingerprint) is var (exit, _, error) ? (exit, error) : default));

        var files = Files.Of(_story.Bundle());
        var entry = new EvidenceIndexEntry(Story.Id(3), Digest.Of(files["manifest.json"]));
        var (index, signature) = EvidenceFolder.Sign(
            new() { Agencies = [], Bundles = [entry] }, (_story.DirectoryHead, _story.AuditHead), _story.Key("hub signing"), Story.Start);
        foreach (var (name, content) in new[]
        {
            (EvidenceFolder.Genesis, files["directory/000000.jws"]), (EvidenceFolder.Index, index), (EvidenceFolder.Signature, signature),
            (EvidenceFolder.Bundle(Story.Id(3)), _story.Bundle()),
        })
        {
            File.WriteAllBytes(Path.Combine(_folder.FullName, name), content);
        }

        var (good, output, _) = Run(_folder.FullName, "--fingerprint", fingerprint);
        Assert.Equal(0, good);
        Assert.StartsWith("rh-verify: the evidence holds: 1 referrals, hub ", output, StringComparison.Ordinal);
        Assert.Matches($@"{Story.Id(3)} +north-police +harbour-shelter +loop-closed +- +0\n", output);
        var json = JsonDocument.Parse(Run(_folder.FullName, "--fingerprint", fingerprint, "--json").Output).RootElement;
        Assert.Equal("loop-closed", json.GetProperty("stories")[0].GetProperty("state").GetString());
    }

    public void Dispose()
    {
        _story.Dispose();
        _folder.Delete(recursive: true);
    }

    private static (int Exit, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exit = Command.Run(args, output, error);
        return (exit, output.ToString(), error.ToString());
    }

    private string Saved(byte[] zip)
    {
        var path = Path.Combine(_folder.FullName, "evidence.zip");
        File.WriteAllBytes(path, zip);
        return path;
    }
}
