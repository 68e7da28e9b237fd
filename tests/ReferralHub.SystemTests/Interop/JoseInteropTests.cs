using System.Text;
using System.Text.Json;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Demo.Processes;

namespace ReferralHub.SystemTests.Interop;

/// <summary>npm jose on the same tokens.</summary>
[Trait("group", "interop")]
public sealed class JoseInteropTests : IDisposable
{
    private static readonly string[] Kinds = ["agreement", "consent", "referral", "acknowledgement", "release-request", "hub-receipt"];

    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _seed = Drawn.Bytes("signing key", SigningKey.SeedSize);
    private readonly SigningKey _key;

    public JoseInteropTests() => _key = SigningKey.Import(_seed);

    public static TheoryData<string, string, int, int> Statements
    {
        get
        {
            var statements = new TheoryData<string, string, int, int>();
            for (var i = 0; i < Kinds.Length; i++) statements.Add(Kinds[i], Drawn.Seed, i, 1 + Drawn.Number($"length {i}", 40_000));
            return statements;
        }
    }

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task Both_sign_the_same_token_and_each_verifies_the_others(string kind, string seed, int sample, int length)
    {
        var ct = TestContext.Current.CancellationToken;
        var payload = Encoding.ASCII.GetBytes($$"""{"said":"{{Convert.ToHexString(Drawn.Bytes($"statement {seed} {sample}", length / 2))}}"}""");
        await File.WriteAllBytesAsync(_folder.File("payload"), payload, ct);

        await Peers.JoseSign(_seed, kind + "+jws", _folder.File("payload"), _folder.File("token"));
        var theirs = await File.ReadAllTextAsync(_folder.File("token"), ct);
        Assert.True(Jws.TryParse(theirs, out var read));
        Assert.True(read.IsSignedBy(_key.VerifyingKey));
        Assert.Equal(payload, read.Payload.ToArray());

        var ours = Jws.Sign(_key, kind + "+jws", payload);
        Assert.Equal(theirs, ours.Token);
        var header = JsonElement.Parse(await Verify(ours.Token));
        Assert.Equal(kind + "+jws", header.GetProperty("typ").GetString());
        Assert.Equal(ours.Kid, header.GetProperty("kid").GetString());
        Assert.Equal(payload, await File.ReadAllBytesAsync(_folder.File("verified"), ct));
    }

    [Theory]
    [InlineData(0)] // header
    [InlineData(1)] // payload
    [InlineData(2)] // signature
    public async Task Neither_takes_a_changed_token(int part)
    {
        var parts = Jws.Sign(_key, "consent+jws", """{"status":"granted"}"""u8).Token.Split('.');
        var at = Drawn.Number($"place {part}", parts[part].Length - 1); // of the last letter not every bit counts
        parts[part] = $"{parts[part][..at]}{(parts[part][at] == 'A' ? 'B' : 'A')}{parts[part][(at + 1)..]}";
        var changed = string.Join('.', parts);

        Assert.False(Jws.TryParse(changed, out var read) && read.IsSignedBy(_key.VerifyingKey));
        await Assert.ThrowsAsync<ProcessFailedException>(() => Verify(changed));
    }

    private async Task<string> Verify(string token)
    {
        await File.WriteAllTextAsync(_folder.File("token"), token, TestContext.Current.CancellationToken);
        return await Peers.JoseVerify(_key.VerifyingKey, _folder.File("token"), _folder.File("verified"));
    }
}
