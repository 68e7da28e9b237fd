using System.Text;
using System.Text.Json;
using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Age;

/// <summary>Files that npm age-encryption and Debian's age made, see tests/vectors/age/make.mjs.</summary>
public sealed class AgeVectorTests
{
    private static readonly JsonElement Made = JsonDocument.Parse(Vectors.Read("age", "age.json")).RootElement;

    public static TheoryData<string, string, int, int> Files =>
    [
        .. Made.GetProperty("files").EnumerateArray().Select(file => (
            file.GetProperty("name").GetString()!, file.GetProperty("kind").GetString()!, file.GetProperty("recipients").GetInt32(), file.GetProperty("size").GetInt32())),
    ];

    [Theory, MemberData(nameof(Files))]
    public void A_file_opens_for_each_that_it_was_sealed_to_and_for_nobody_else(string name, string kind, int recipients, int size)
    {
        var plain = Enumerable.Range(0, size).Select(i => (byte)(i * 7 % 256)).ToArray();
        var identities = Identities(kind).ToList();
        for (var i = 0; i < identities.Count; i++)
        {
            using var identity = identities[i];
            var opened = Open(name, identity);
            if (i < recipients) AgeFiles.AssertOpened(plain, opened);
            else Assert.Equal(AgeFault.NotMine, opened.Fault);
        }
    }

    private static (byte[] Released, AgeFault? Fault) Open(string name, AgeIdentity identity)
    {
        Stream file = new MemoryStream(Vectors.Read("age", name));
        Assert.Equal(name.Contains("armored", StringComparison.Ordinal), AgeArmor.Begins(file));
        if (AgeArmor.Begins(file)) Assert.True(AgeArmor.TryOpen(file, out file!));
        return AgeFiles.Open(file, AgeLimits.Local, 4096, identity);
    }

    private static IEnumerable<AgeIdentity> Identities(string kind)
    {
        if (kind == "passphrase")
        {
            yield return new ScryptIdentity(Encoding.UTF8.GetBytes(Made.GetProperty(kind).GetString()!));
            yield break;
        }

        foreach (var key in Made.GetProperty(kind).EnumerateArray())
        {
            Assert.True(KeyIdentity.TryParse(key.GetProperty("identity").GetString(), out var identity));
            Assert.Equal(key.GetProperty("recipient").GetString(), identity.PublicKey.ToString());
            yield return identity;
        }
    }
}
