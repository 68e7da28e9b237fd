using System.Security.Cryptography;
using System.Text.Json;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.SystemTests.Interop;

[Trait("group", "interop")]
public sealed class EnvelopeInteropTests : IDisposable
{
    private static readonly string[] Paths = ["referral.json", "attachments/0001", "attachments/0002", "statement.jws"];

    private static readonly byte[] Form =
        """
        {"identity":{"name":"مثال (synthetic)"},
         "documents":[{"path":"attachments/0001","name":"a","type":"text/plain"},{"path":"attachments/0002","name":"b","type":"text/plain"}]}
        """u8.ToArray();

    private readonly TemporaryFolder _folder = new();
    private readonly HybridIdentity _recipient = HybridIdentity.Create();
    private readonly SigningKey _signer = SigningKey.Import(RandomNumberGenerator.GetBytes(SigningKey.SeedSize));

    public void Dispose()
    {
        _folder.Dispose();
        _recipient.Dispose();
        _signer.Dispose();
    }

    [Fact]
    public async Task Stock_tools_open_an_envelope_and_find_what_was_sealed_and_who_signed()
    {
        var ct = TestContext.Current.CancellationToken;
        await SealAndOpen();

        Assert.Equal(Paths, (await Peers.Tar("--list", "--file", _folder.File("tar"))).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        await Peers.Tar("--extract", "--file", _folder.File("tar"), "--directory", _folder.Path);
        Assert.Equal(Form, await File.ReadAllBytesAsync(_folder.File("referral.json"), ct));
        Assert.Equal(new byte[1000], await File.ReadAllBytesAsync(_folder.File("attachments/0002"), ct));

        using var verified = JsonDocument.Parse(await Peers.JoseVerify(_signer.VerifyingKey, _folder.File("statement.jws")));
        Assert.Equal("inner+jws", verified.RootElement.GetProperty("header").GetProperty("typ").GetString());
        var payload = verified.RootElement.GetProperty("payload");
        Assert.Equal(("police", "shelter"), (payload.GetProperty("iss").GetString(), payload.GetProperty("to").GetString()));
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(Form)),
            payload.GetProperty("members")[0].GetProperty("sha256").GetString());
    }

    [Fact]
    public async Task GNU_tar_writes_the_same_tar_from_the_same_files()
    {
        var ct = TestContext.Current.CancellationToken;
        await SealAndOpen();
        await Peers.Tar("--extract", "--file", _folder.File("tar"), "--directory", _folder.Path);
        await Peers.Tar([
            "--create", "--file", _folder.File("again"), "--directory", _folder.Path, "--format=ustar", "--numeric-owner",
            "--owner=0", "--group=0", "--mode=0600", "--mtime=@0", "--blocking-factor=1", .. Paths]);

        var again = await File.ReadAllBytesAsync(_folder.File("again"), ct);
        var ours = await File.ReadAllBytesAsync(_folder.File("tar"), ct);
        Assert.Equal(again, ours[..again.Length]);
        Assert.DoesNotContain(ours[again.Length..], b => b != 0);
    }

    private async Task SealAndOpen()
    {
        await using (var file = File.Create(_folder.File("age")))
        {
            await Envelope.SealAsync(
                file,
                _recipient.PublicKey,
                _signer,
                new EnvelopeFacts
                {
                    Sender = AgencyId.Parse("police"),
                    Recipient = AgencyId.Parse("shelter"),
                    Referral = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
                    Part = Part.Record,
                    Categories = [Category.Identity, Category.Documents],
                    SealedAt = TimeProvider.System.GetUtcNow(),
                },
                [
                    EnvelopeMember.Of(Paths[0], Form),
                    EnvelopeMember.Of(Paths[1], "text"u8.ToArray()),
                    EnvelopeMember.Of(Paths[2], new byte[1000]),
                ],
                TestContext.Current.CancellationToken);
        }

        await Peers.AgeOpen("identity", new string(_recipient.ExportSecret()), _folder.File("age"), _folder.File("tar"));
    }
}
