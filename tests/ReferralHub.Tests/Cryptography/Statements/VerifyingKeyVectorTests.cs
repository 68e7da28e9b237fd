using System.Text;
using System.Text.Json;
using NSec.Cryptography;
using ReferralHub.Cryptography.Statements;

namespace ReferralHub.Tests.Cryptography.Statements;

[Trait("group", "vectors")]
public sealed class VerifyingKeyVectorTests
{
    // Of the edge cases only the one without any edge is left. libsodium alone accepts 43; another number here means that
    // libsodium has changed its check, on which ours builds.
    [Fact]
    public void Of_CCTVs_edge_cases_only_the_plain_one_verifies()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllBytes(SharedVectors.Find("ed25519-cctv", "ed25519vectors.json")));
        var (libsodium, ours) = (0, new List<JsonElement>());
        foreach (var vector in vectors.RootElement.EnumerateArray())
        {
            var (raw, signature) = (Bytes(vector, "key"), Bytes(vector, "sig"));
            var message = Encoding.ASCII.GetBytes(vector.GetProperty("msg").GetString()!);
            if (PublicKey.TryImport(SignatureAlgorithm.Ed25519, raw, KeyBlobFormat.RawPublicKey, out var bare)
                && SignatureAlgorithm.Ed25519.Verify(bare!, message, signature))
            {
                libsodium++;
            }

            if (VerifyingKey.TryImport(raw, out var key) && key.Verifies(message, signature)) ours.Add(vector);
        }

        Assert.Equal(JsonValueKind.Null, Assert.Single(ours).GetProperty("flags").ValueKind);
        Assert.Equal((914, 43), (vectors.RootElement.GetArrayLength(), libsodium));
        SharedVectors.Report("ed25519-cctv", 914, 914, "");
    }

    [Fact]
    public void Wycheproofs_signatures_get_their_verdicts()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllBytes(SharedVectors.Find("wycheproof", "ed25519_test.json")));
        var (ran, accepted) = (0, 0);
        foreach (var group in vectors.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            Assert.True(VerifyingKey.TryImport(Bytes(group.GetProperty("publicKey"), "pk"), out var key));
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                var verifies = key.Verifies(Bytes(test, "msg"), Bytes(test, "sig"));
                Assert.True(verifies == (test.GetProperty("result").GetString() == "valid"), test.GetRawText());
                (ran, accepted) = (ran + 1, accepted + (verifies ? 1 : 0));
            }
        }

        Assert.Equal((151, 88), (ran, accepted));
        SharedVectors.Report("wycheproof ed25519", ran, 151, "");
    }

    private static byte[] Bytes(JsonElement vector, string name) => Convert.FromHexString(vector.GetProperty(name).GetString()!);
}
