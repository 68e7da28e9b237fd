using System.Text;
using System.Text.Json;
using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Age;

/// <summary>Files that npm age-encryption made, see tests/vectors/age/make.mjs.</summary>
public sealed class AgeVectorTests
{
    private readonly JsonElement _vector = JsonDocument.Parse(Vectors.Read("age", "age.json")).RootElement;

    [Theory]
    [InlineData("empty.age")]
    [InlineData("hybrid.age")]
    [InlineData("chunks.age")]
    public void A_hybrid_file_opens(string name)
    {
        Assert.True(HybridIdentity.TryParse(Text("identity"), out var identity));
        using (identity)
        {
            Assert.Equal(Text("recipient"), identity.PublicKey.ToString());
            AgeFiles.AssertOpened(
                Pattern(_vector.GetProperty("sizes").GetProperty(name).GetInt32()),
                AgeFiles.Open(Vectors.Read("age", name), AgeLimits.Wire, 4096, identity));
        }
    }

    [Fact]
    public void A_passphrase_file_opens()
    {
        using var identity = new ScryptIdentity(Encoding.UTF8.GetBytes(Text("passphrase")));
        AgeFiles.AssertOpened(
            Pattern(_vector.GetProperty("passphraseSize").GetInt32()),
            AgeFiles.Open(Vectors.Read("age", "passphrase.age"), AgeLimits.Local, 4096, identity));
    }

    private string Text(string name) => _vector.GetProperty(name).GetString()!;

    private static byte[] Pattern(int size) => [.. Enumerable.Range(0, size).Select(i => (byte)(i * 7 % 256))];
}
