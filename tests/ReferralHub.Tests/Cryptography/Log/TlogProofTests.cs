using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;

namespace ReferralHub.Tests.Cryptography.Log;

public sealed class TlogProofTests
{
    private const string Hash = "V8efTzGuApxdS9MLBzwnyU35NDiytGl+Hh7vW8A5SkE=";

    private static readonly byte[] Receipt = Vectors.Read("note-tlog", "entry3.tlog-proof");
    private static readonly Digest Leaf = MerkleTree.LeafHash("entry 3"u8);
    private static readonly NoteKey Log = Key("hub.example/audit+0531639b+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c");
    private static readonly NoteKey Witness = Key("witness.example/w1+df1c0a35+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU");

    [Fact]
    public void Verifies_its_leaf_and_no_other()
    {
        Assert.True(Verifies(Receipt, Leaf, out var checkpoint));
        Assert.Equal(5, checkpoint!.Checkpoint.Size);
        Assert.False(Verifies(Receipt, MerkleTree.LeafHash("entry 4"u8), out checkpoint));
        Assert.Null(checkpoint);
    }

    // A changed name turns the witness's line into one of an unknown key, which says nothing; all else is refused.
    [Fact]
    public void Every_changed_bit_is_refused_or_loses_the_cosignature()
    {
        var witnessLine = Encoding.UTF8.GetString(Receipt).LastIndexOf('—');
        witnessLine = Encoding.UTF8.GetByteCount(Encoding.UTF8.GetString(Receipt)[..witnessLine]);
        var receipt = (byte[])[.. Receipt];
        for (var bit = 0; bit < 8 * receipt.Length; bit++)
        {
            receipt[bit / 8] ^= (byte)(1 << (bit % 8));
            if (Verifies(receipt, Leaf, out var checkpoint))
            {
                Assert.True(bit / 8 >= witnessLine);
                Assert.Empty(checkpoint!.Cosignatures);
            }

            receipt[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Every_truncation_before_the_witnesss_line_is_refused()
    {
        var text = Encoding.UTF8.GetString(Receipt);
        var withoutWitness = Encoding.UTF8.GetByteCount(text[..text.LastIndexOf('—')]);
        for (var length = 0; length < withoutWitness; length++) Assert.False(Verifies(Receipt[..length], Leaf, out _));
        Assert.True(Verifies(Receipt[..withoutWitness], Leaf, out _));
    }

    [Fact]
    public void A_zero_byte_behind_a_number_is_refused()
    {
        Assert.False(TlogProof.TryParse(Vectors.Read("note-tlog", "zero-byte.tlog-proof"), out _));
        Assert.False(Checkpoint.TryParse("hub.example/audit\n3\0\nV8efTzGuApxdS9MLBzwnyU35NDiytGl+Hh7vW8A5SkE=\n"u8, out _));
        Assert.True(Checkpoint.TryParse("hub.example/audit\n3\nV8efTzGuApxdS9MLBzwnyU35NDiytGl+Hh7vW8A5SkE=\n"u8, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 3\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 3\n" + Hash + "\n")]
    [InlineData("c2sp.org/tlog-proof@v2\nindex 3\n\nnote")]
    [InlineData("\nc2sp.org/tlog-proof@v1\nindex 3\n\nnote")]
    [InlineData("c2sp.org/tlog-proof@v1\n\nnote")]
    [InlineData("c2sp.org/tlog-proof@v1\nextra AAAA\nindex 3\n\nnote")]
    [InlineData("c2sp.org/tlog-proof@v1\nIndex 3\n\nnote")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex  3\n\nnote")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 03\n\nnote")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex -3\n\nnote")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex \n\nnote")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 9223372036854775808\n\nnote")]
    [InlineData("c2sp.org/tlog-proof@v1\r\nindex 3\r\n\r\nnote")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 3\nV8efTzGuApxdS9MLBzwnyU35NDiytGl+Hh7vW8A5SkE\n\nnote")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 3\nV8efTzGuApxdS9MLBzwnyU35NDiytGl+Hh7vW8A5SkF=\n\nnote")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 3\n" + Hash + " \n\nnote")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 3\nAAAA\n\nnote")]
    public void Any_other_form_is_refused(string text) => Assert.False(TlogProof.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Writes_what_it_read()
    {
        var text = $"c2sp.org/tlog-proof@v1\nindex 0\n{Hash}\n\nnote";
        Assert.True(TlogProof.TryParse(Encoding.UTF8.GetBytes(text), out var proof));
        Assert.Equal(text, Encoding.UTF8.GetString(proof.ToArray()));
    }

    [Fact]
    public void Has_at_most_63_hashes()
    {
        Assert.True(TlogProof.TryParse(Hashes(63), out var proof));
        Assert.Equal(63, proof.Hashes.Count);
        Assert.False(TlogProof.TryParse(Hashes(64), out _));

        static byte[] Hashes(int count) => Encoding.ASCII.GetBytes(
            $"c2sp.org/tlog-proof@v1\nindex 3\n{string.Concat(Enumerable.Repeat(Hash + "\n", count))}\nnote");
    }

    [Fact]
    public void Has_a_largest_size()
    {
        byte[] head = [.. "c2sp.org/tlog-proof@v1\nindex 3\n\n"u8];
        Assert.True(TlogProof.TryParse((byte[])[.. head, .. new byte[TlogProof.MaxSize - head.Length]], out _));
        Assert.False(TlogProof.TryParse((byte[])[.. head, .. new byte[TlogProof.MaxSize - head.Length + 1]], out _));
    }

    [Fact]
    public void Is_made_only_of_a_leaf_that_the_checkpoint_covers()
    {
        using var key = Seeded.Key(1);
        var checkpoint = SignedCheckpoint.Sign(new("a", 2, Leaf), new("a", NoteKeyType.Log, key));
        _ = TlogProof.From(0, [.. Enumerable.Repeat(Leaf, 63)], checkpoint);
        _ = TlogProof.From(1, [Leaf], checkpoint);
        Assert.Throws<ArgumentException>(() => TlogProof.From(2, [Leaf], checkpoint));
        Assert.Throws<ArgumentException>(() => TlogProof.From(-1, [Leaf], checkpoint));
        Assert.Throws<ArgumentException>(() => TlogProof.From(1, [.. Enumerable.Repeat(Leaf, 64)], checkpoint));
    }

    private static NoteKey Key(string text) => NoteKey.TryParse(text, out var key) ? key : throw new FormatException(text);

    private static bool Verifies(byte[] receipt, Digest leaf, out SignedCheckpoint? checkpoint)
    {
        checkpoint = null;
        return TlogProof.TryParse(receipt, out var proof) && proof.TryVerify(leaf, Log, [Witness], out checkpoint);
    }
}
