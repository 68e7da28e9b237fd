using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.SystemTests.Interop;

/// <summary>An envelope is made and opened by stock tools alone: GNU tar, npm jose, npm age-encryption.</summary>
[Trait("group", "interop")]
public sealed class EnvelopeInteropTests : IDisposable
{
    private const string From = "police";
    private const string To = "shelter";

    private static readonly Guid Referral = Guid.Parse("01920000-0000-7000-8000-000000000001");
    private static readonly string[] Paths = ["referral.json", "attachments/0001", "attachments/0002", "statement.jws"];

    private static readonly byte[] Form =
        """
        {"identity":{"name":"مثال (synthetic)"},
         "documents":[{"path":"attachments/0001","name":"a","type":"text/plain"},{"path":"attachments/0002","name":"b","type":"text/plain"}]}
        """u8.ToArray();

    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _seed = Drawn.Bytes("sender", SigningKey.SeedSize);
    private readonly HybridIdentity _recipient = HybridIdentity.Import(Drawn.Bytes("recipient", KeyIdentity.SecretSize));
    private readonly SigningKey _signer;

    public EnvelopeInteropTests() => _signer = SigningKey.Import(_seed);

    /// <summary>Seed, number, and the size of an attachment.</summary>
    public static TheoryData<string, int, int> Attachments => [.. Enumerable.Range(0, 4).Select(sample => (Drawn.Seed, sample, Drawn.Size(sample)))];

    public void Dispose()
    {
        _folder.Dispose();
        _recipient.Dispose();
        _signer.Dispose();
    }

    [Theory]
    [MemberData(nameof(Attachments))]
    public async Task Stock_tools_open_ours_and_tar_writes_the_same_from_the_same_files(string seed, int sample, int size)
    {
        var ct = TestContext.Current.CancellationToken;
        var contents = Contents(seed, sample, size);
        await Seal(contents);
        await new AgePeer("npm", _folder).Open("hybrid", new string(_recipient.ExportSecret()), _folder.File("age"), _folder.File("tar"));

        Assert.Equal(Paths, (await Peers.Tar("--list", "--file", _folder.File("tar"))).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        await Peers.Tar("--extract", "--file", _folder.File("tar"), "--directory", _folder.Path);
        for (var i = 0; i < contents.Length; i++) Assert.Equal(contents[i], await File.ReadAllBytesAsync(_folder.File(Paths[i]), ct));

        var header = JsonElement.Parse(await Peers.JoseVerify(_signer.VerifyingKey, _folder.File("statement.jws"), _folder.File("statement")));
        Assert.Equal("inner+jws", header.GetProperty("typ").GetString());
        var statement = JsonElement.Parse(await File.ReadAllBytesAsync(_folder.File("statement"), ct));
        Assert.Equal((From, To), (statement.GetProperty("iss").GetString(), statement.GetProperty("to").GetString()));
        Assert.Equal(
            contents.Select(content => Convert.ToHexStringLower(SHA256.HashData(content))),
            statement.GetProperty("members").EnumerateArray().Select(member => member.GetProperty("sha256").GetString()));

        await TarAll(_folder.File("again"));
        var again = await File.ReadAllBytesAsync(_folder.File("again"), ct);
        var ours = await File.ReadAllBytesAsync(_folder.File("tar"), ct);
        Assert.Equal(again, ours[..again.Length]);
        Assert.DoesNotContain(ours[again.Length..], b => b != 0);
    }

    [Theory]
    [MemberData(nameof(Attachments))]
    public async Task An_envelope_that_stock_tools_made_opens(string seed, int sample, int size)
    {
        var ct = TestContext.Current.CancellationToken;
        var contents = Contents(seed, sample, size);
        var members = contents.Select((content, i) =>
            $$"""{"path":"{{Paths[i]}}","size":{{content.Length}},"sha256":"{{Convert.ToHexStringLower(SHA256.HashData(content))}}"}""");
        await File.WriteAllTextAsync(
            _folder.File("statement"),
            $$"""{"iss":"{{From}}","iat":"2026-11-22T23:24:00Z","ref":"{{Referral}}","to":"{{To}}","part":"record","categories":["identity","documents"],"members":[{{string.Join(',', members)}}]}""",
            ct);
        await Peers.JoseSign(_seed, "inner+jws", _folder.File("statement"), _folder.File("statement.jws"));
        Directory.CreateDirectory(_folder.File("attachments"));
        for (var i = 0; i < contents.Length; i++) await File.WriteAllBytesAsync(_folder.File(Paths[i]), contents[i], ct);
        await TarAll(_folder.File("tar"));
        await using (var tar = File.OpenWrite(_folder.File("tar"))) tar.SetLength(PaddedLength(tar.Length));
        await new AgePeer("npm", _folder).Seal("hybrid", _recipient.PublicKey.ToString(), armored: false, _folder.File("tar"), _folder.File("age"));

        await using var file = File.OpenRead(_folder.File("age"));
        var expected = new EnvelopeExpectation
        {
            File = new SealedPart(Part.Record, Digest.From(await SHA256.HashDataAsync(file, ct)), file.Length),
            Sender = AgencyId.Parse(From),
            SenderKey = _signer.VerifyingKey,
            Recipient = AgencyId.Parse(To),
            Referral = Referral,
            Categories = [ClearCategory.Identity, ClearCategory.Documents],
        };
        Assert.True(Envelope.TryOpen(file, [_recipient], expected, out var opened, out var fault), $"{fault}");
        using (opened)
        {
            for (var i = 0; i < contents.Length; i++) Assert.Equal(contents[i], opened.Read(Paths[i], int.MaxValue));
        }
    }

    private static byte[][] Contents(string seed, int sample, int size) =>
        [Form, Drawn.Bytes($"attachment {seed} {sample}", size), Encoding.ASCII.GetBytes("text")];

    // The paper's formula in its own terms: of L's exponent E, as many bits are kept as E itself has.
    private static long PaddedLength(long length)
    {
        var exponent = Math.Floor(Math.Log2(length));
        var last = Math.Pow(2, exponent - (Math.Floor(Math.Log2(exponent)) + 1));
        return Math.Max(16 * 1024, (long)(Math.Ceiling(length / last) * last));
    }

    private Task<string> TarAll(string to) => Peers.Tar([
        "--create", "--file", to, "--directory", _folder.Path, "--format=ustar", "--numeric-owner",
        "--owner=0", "--group=0", "--mode=0600", "--mtime=@0", "--blocking-factor=1", .. Paths]);

    private async Task Seal(byte[][] contents)
    {
        await using var file = File.Create(_folder.File("age"));
        await Envelope.SealAsync(
            file,
            _recipient.PublicKey,
            _signer,
            new EnvelopeFacts
            {
                Sender = AgencyId.Parse(From),
                Recipient = AgencyId.Parse(To),
                Referral = Referral,
                Part = Part.Record,
                Categories = [Category.Identity, Category.Documents],
                SealedAt = TimeProvider.System.GetUtcNow(),
            },
            [.. contents.Select((content, i) => EnvelopeMember.Of(Paths[i], content))],
            TestContext.Current.CancellationToken);
    }
}
