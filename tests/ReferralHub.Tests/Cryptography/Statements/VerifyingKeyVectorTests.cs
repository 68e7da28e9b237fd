using System.Text;
using NSec.Cryptography;
using ReferralHub.Cryptography;
using ReferralHub.Cryptography.Statements;

namespace ReferralHub.Tests.Cryptography.Statements;

[Trait("group", "vectors")]
public sealed class VerifyingKeyVectorTests
{
    // What libsodium 1.0.22 accepts of the 914. Other numbers mean that it has changed its check, on which ours builds.
    private static readonly int[] Accepted =
    [
        7, 29, 50, 117, 139, 161, 182, 249, 305, 411, 425, 438, 465, 473, 481, 489, 497, 511, 525, 538, 565, 573, 581, 589, 597,
        611, 625, 638, 665, 673, 681, 689, 697, 711, 725, 738, 765, 773, 781, 789, 797, 832, 899,
    ];

    // Of those, whose R is a point of the prime-order group: what docs/protocol.md §3.1 asks of a signature.
    private static readonly int[] AcceptedWithRuleOnR = [50, 182, 305, 438, 538, 638, 738, 832];

    // Of those, whose key is one too. It is the case without any edge.
    private static readonly int[] AcceptedHere = [305];

    [Fact]
    public void Of_CCTVs_edge_cases_only_the_plain_one_verifies()
    {
        var (libsodium, ruleOnR, ruleOnKey, ours) = (new Pinned("libsodium alone"), new Pinned("with the rule on R"),
            new Pinned("with the rule on the key"), new Pinned("as verified here"));
        foreach (var vector in SharedVectors.Json("ed25519-cctv", "ed25519vectors.json").EnumerateArray())
        {
            var (raw, signature, number) = (vector.Hex("key"), vector.Hex("sig"), vector.GetProperty("number").GetInt32());
            var message = Encoding.ASCII.GetBytes(vector.GetProperty("msg").GetString()!);
            var verifies = PublicKey.TryImport(SignatureAlgorithm.Ed25519, raw, KeyBlobFormat.RawPublicKey, out var bare)
                && SignatureAlgorithm.Ed25519.Verify(bare!, message, signature);
            libsodium.Ran(number, verifies);
            ruleOnR.Ran(number, verifies && Sodium.IsValidEd25519Point(signature.AsSpan(0, 32)));
            ruleOnKey.Ran(number, verifies && Sodium.IsValidEd25519Point(raw));
            ours.Ran(number, VerifyingKey.TryImport(raw, out var key) && key.Verifies(message, signature));
        }

        libsodium.Close(Accepted);
        ruleOnR.Close(AcceptedWithRuleOnR);
        ruleOnKey.Close(AcceptedHere); // so the rule on R follows from the rule on the key
        ours.Close(AcceptedHere);
    }

    [Fact]
    public void Wycheproofs_signatures_get_their_verdicts()
    {
        var tally = new Tally("wycheproof ed25519");
        foreach (var (theGroup, test) in SharedVectors.Wycheproof("ed25519_test.json"))
        {
            Assert.True(VerifyingKey.TryImport(theGroup.GetProperty("publicKey").Hex("pk"), out var key));
            var verifies = key.Verifies(test.Hex("msg"), test.Hex("sig"));
            Assert.True(verifies == test.IsValid(), test.GetRawText());
            tally.Ran(verifies);
        }

        tally.Close(151, 151, 88);
    }

    private sealed class Pinned(string how)
    {
        private readonly Tally _tally = new($"ed25519-cctv {how}");
        private readonly List<int> _accepted = [];

        public void Ran(int number, bool accepted)
        {
            _tally.Ran(accepted);
            if (accepted) _accepted.Add(number);
        }

        public void Close(int[] expected)
        {
            Assert.Equal(expected, _accepted);
            _tally.Close(914, 914, expected.Length);
        }
    }
}
