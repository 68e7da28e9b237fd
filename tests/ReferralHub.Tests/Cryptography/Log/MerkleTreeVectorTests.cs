using System.Text.Json;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;

namespace ReferralHub.Tests.Cryptography.Log;

/// <summary>transparency-dev's proofs. A size beyond 2^63 - 1 or a hash that is not 32 bytes long cannot even be said here: refused.</summary>
[Trait("group", "vectors")]
public sealed class MerkleTreeVectorTests
{
    // Meant to be accepted because the roots are equal, though no hash is as long.
    private const string NotOurs = "sizes-are-equal-one-and-proof-is-empty.json";

    [Theory]
    [InlineData("inclusion", 98, 6)]
    [InlineData("consistency", 97, 5)]
    public void Proofs_get_their_verdicts(string kind, int ran, int accepted)
    {
        var tally = new Tally($"merkle {kind}");
        foreach (var file in Directory.GetFiles(SharedVectors.Find("merkle", "testdata", kind), "*.json", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file) == NotOurs)
            {
                tally.Leave(NotOurs, "its roots are 12 bytes long");
                continue;
            }

            var vector = JsonElement.Parse(File.ReadAllBytes(file));
            var verifies = Verifies(vector);
            Assert.True(verifies == !vector.GetProperty("wantErr").GetBoolean(), file);
            tally.Ran(verifies);
        }

        tally.Close(98, ran, accepted);
    }

    private static bool Verifies(JsonElement vector)
    {
        var list = vector.GetProperty("proof");
        var proof = new List<Digest>();
        if (list.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in list.EnumerateArray())
            {
                if (Hash(item) is not { } hash) return false;
                proof.Add(hash);
            }
        }

        if (vector.TryGetProperty("leafIdx", out var index))
        {
            return index.TryGetInt64(out var leafIndex)
                && vector.GetProperty("treeSize").TryGetInt64(out var size)
                && Hash(vector.GetProperty("leafHash")) is { } leaf
                && Hash(vector.GetProperty("root")) is { } root
                && MerkleTree.VerifyInclusion(leafIndex, size, leaf, proof, root);
        }

        return vector.GetProperty("size1").TryGetInt64(out var size1)
            && vector.GetProperty("size2").TryGetInt64(out var size2)
            && Hash(vector.GetProperty("root1")) is { } root1
            && Hash(vector.GetProperty("root2")) is { } root2
            && MerkleTree.VerifyConsistency(size1, size2, root1, root2, proof);
    }

    private static Digest? Hash(JsonElement base64)
    {
        var bytes = Convert.FromBase64String(base64.GetString() ?? "");
        return bytes.Length == Digest.Size ? Digest.From(bytes) : null;
    }
}
