using System.Text.Json;
using ReferralHub.Cryptography;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Age;

/// <summary>The parts that a hybrid stanza is made of, against others' vectors.</summary>
[Trait("group", "vectors")]
public sealed class HybridVectorTests
{
    [Fact]
    public void XWing_gives_the_keys_and_secrets_of_its_draft()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllBytes(SharedVectors.Find("xwing", "xwing-draft-test-vectors.json")));
        foreach (var vector in vectors.RootElement.EnumerateArray())
        {
            var seed = Bytes(vector, "seed");
            Assert.Equal(Bytes(vector, "pk"), Sodium.XWingPublicKey(seed));
            Assert.Equal(Bytes(vector, "ss"), Decapsulate(Bytes(vector, "ct"), seed));
        }

        Assert.Equal(3, vectors.RootElement.GetArrayLength());
        SharedVectors.Report("xwing", 3, 3, "");
    }

    [Fact]
    public void HPKE_gives_the_key_and_nonce_of_its_suite()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllBytes(SharedVectors.Find("hpke-pq", "filippo-hpke-pq.json")));
        var ours = vectors.RootElement.EnumerateArray()
            .Where(v => v.GetProperty("suite_id").GetString() == "48504b45647a00010003" && v.GetProperty("mode").GetInt32() == 0)
            .ToList();
        foreach (var vector in ours)
        {
            var seed = Bytes(vector, "skRm");
            Assert.Equal(Bytes(vector, "pkRm"), Sodium.XWingPublicKey(seed));
            var sharedSecret = Decapsulate(Bytes(vector, "enc"), seed);
            Assert.Equal(Bytes(vector, "shared_secret"), sharedSecret);

            var key = new byte[Hpke.KeyBytes];
            var nonce = new byte[Hpke.NonceBytes];
            Hpke.Schedule(sharedSecret, Bytes(vector, "info"), key, nonce);
            Assert.Equal(Bytes(vector, "key"), key);
            Assert.Equal(Bytes(vector, "base_nonce"), nonce);
        }

        Assert.Equal((1, 13), (ours.Count, vectors.RootElement.GetArrayLength()));
        SharedVectors.Report("hpke-pq", 1, 13, "the others are of other suites");
    }

    private static byte[] Decapsulate(byte[] encapsulation, byte[] seed)
    {
        var sharedSecret = new byte[Sodium.XWingSharedSecretBytes];
        Assert.True(Sodium.TryXWingDecapsulate(encapsulation, seed, sharedSecret));
        return sharedSecret;
    }

    private static byte[] Bytes(JsonElement vector, string name) => Convert.FromHexString(vector.GetProperty(name).GetString()!);
}
