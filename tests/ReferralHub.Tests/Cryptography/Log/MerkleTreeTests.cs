using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;

namespace ReferralHub.Tests.Cryptography.Log;

public sealed class MerkleTreeTests
{
    private readonly Naive _naive = new();

    [Fact]
    public void Hashes_of_leaf_node_and_nothing_are_kept_apart()
    {
        var (left, right) = (Naive.Leaf(0), Naive.Leaf(1));
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", MerkleTree.EmptyRoot.ToString());
        Assert.Equal(Digest.Of([0, 7, 8]), MerkleTree.LeafHash([7, 8]));
        Assert.Equal(Digest.Of([1, .. left.ToArray(), .. right.ToArray()]), MerkleTree.NodeHash(left, right));
    }

    [Fact]
    public void Inclusion_refuses_every_changed_bit()
    {
        for (var size = 1; size <= 12; size++)
        {
            for (var index = 0; index < size; index++)
            {
                var (leaf, root, proof) = (Naive.Leaf(index), _naive.Root(0, size), _naive.Path(index, 0, size));
                for (var bit = 0; bit < 8 * Digest.Size; bit++)
                {
                    Assert.False(MerkleTree.VerifyInclusion(index, size, Flip(leaf, bit), proof, root));
                    Assert.False(MerkleTree.VerifyInclusion(index, size, leaf, proof, Flip(root, bit)));
                    for (var i = 0; i < proof.Count; i++)
                        Assert.False(MerkleTree.VerifyInclusion(index, size, leaf, Flip(proof, i, bit), root));
                }
            }
        }
    }

    [Fact]
    public void Inclusion_refuses_another_index_and_a_proof_of_another_length()
    {
        for (var size = 1; size <= 33; size++)
        {
            for (var index = 0; index < size; index++)
            {
                var (leaf, root, proof) = (Naive.Leaf(index), _naive.Root(0, size), _naive.Path(index, 0, size));
                for (var other = -2; other <= size + 2; other++)
                    Assert.Equal(other == index, MerkleTree.VerifyInclusion(other, size, leaf, proof, root));
                Assert.False(MerkleTree.VerifyInclusion(index, size, leaf, [.. proof, root], root));
                Assert.False(MerkleTree.VerifyInclusion(index, size, leaf, [leaf, .. proof], root));
                if (proof.Count > 0)
                {
                    Assert.False(MerkleTree.VerifyInclusion(index, size, leaf, proof[..^1], root));
                    Assert.False(MerkleTree.VerifyInclusion(index, size, leaf, proof[1..], root));
                }
            }
        }
    }

    [Fact]
    public void Inclusion_ends_where_the_tree_ends()
    {
        Assert.False(MerkleTree.VerifyInclusion(0, 0, Naive.Leaf(0), [], Naive.Leaf(0)));
        Assert.False(MerkleTree.VerifyInclusion(1, 1, Naive.Leaf(0), [], Naive.Leaf(0)));
        Assert.False(MerkleTree.VerifyInclusion(-1, 1, Naive.Leaf(0), [], Naive.Leaf(0)));
        Assert.False(MerkleTree.VerifyInclusion(long.MaxValue - 1, long.MaxValue, Naive.Leaf(0), [Naive.Leaf(1)], Naive.Leaf(2)));
        // A parent is no proof that its child is a leaf one level higher.
        Assert.False(MerkleTree.VerifyInclusion(0, 1, _naive.Root(0, 2), [], _naive.Root(0, 4)));
    }

    // A log that signs a wrong size could else prove more leaves than it admits to.
    [Fact]
    public void A_proof_does_not_climb_beyond_the_root()
    {
        var beside = Naive.Leaf(99);
        for (var size = 1; size <= 20; size++)
        {
            var root = _naive.Root(0, size);
            var above = MerkleTree.NodeHash(beside, root);
            for (var index = 0; index < size; index++)
                Assert.False(MerkleTree.VerifyInclusion(index, size, Naive.Leaf(index), [.. _naive.Path(index, 0, size), beside], above));
            for (var old = 1; old < size; old++)
            {
                var proof = _naive.Subproof(old, 0, size, true);
                Assert.False(MerkleTree.VerifyConsistency(
                    old, size, MerkleTree.NodeHash(beside, _naive.Root(0, old)), above, [.. proof, beside]));
            }
        }
    }

    [Fact]
    public void Consistency_refuses_every_changed_bit()
    {
        for (var size = 1; size <= 12; size++)
        {
            for (var old = 1; old <= size; old++)
            {
                var (root1, root2, proof) = (_naive.Root(0, old), _naive.Root(0, size), _naive.Subproof(old, 0, size, true));
                for (var bit = 0; bit < 8 * Digest.Size; bit++)
                {
                    Assert.False(MerkleTree.VerifyConsistency(old, size, Flip(root1, bit), root2, proof));
                    Assert.False(MerkleTree.VerifyConsistency(old, size, root1, Flip(root2, bit), proof));
                    for (var i = 0; i < proof.Count; i++)
                        Assert.False(MerkleTree.VerifyConsistency(old, size, root1, root2, Flip(proof, i, bit)));
                }
            }
        }
    }

    [Fact]
    public void Consistency_refuses_another_size_and_a_proof_of_another_length()
    {
        for (var size = 2; size <= 33; size++)
        {
            for (var old = 1; old < size; old++)
            {
                var (root1, root2, proof) = (_naive.Root(0, old), _naive.Root(0, size), _naive.Subproof(old, 0, size, true));
                for (var other = -1; other <= size + 1; other++)
                    Assert.Equal(other == old, MerkleTree.VerifyConsistency(other, size, root1, root2, proof));
                Assert.False(MerkleTree.VerifyConsistency(old, size, root1, root2, [.. proof, root2]));
                Assert.False(MerkleTree.VerifyConsistency(old, size, root1, root2, [root1, .. proof]));
                Assert.False(MerkleTree.VerifyConsistency(old, size, root1, root2, proof[..^1]));
                Assert.False(MerkleTree.VerifyConsistency(old, size, root2, root1, proof));
                Assert.False(MerkleTree.VerifyConsistency(size, old, root2, root1, proof));
            }
        }
    }

    [Fact]
    public void Consistency_needs_the_whole_proof()
    {
        Assert.False(MerkleTree.VerifyConsistency(3, 5, _naive.Root(0, 3), _naive.Root(0, 5), []));
        // Right as far as it goes, up to the root of two leaves, but the tree claims four.
        Assert.False(MerkleTree.VerifyConsistency(1, 4, Naive.Leaf(0), _naive.Root(0, 2), [Naive.Leaf(1)]));
    }

    [Fact]
    public void Consistency_of_equal_sizes_is_equality()
    {
        var (root, other) = (_naive.Root(0, 3), _naive.Root(0, 4));
        Assert.True(MerkleTree.VerifyConsistency(3, 3, root, root, []));
        Assert.False(MerkleTree.VerifyConsistency(3, 3, root, other, []));
        Assert.False(MerkleTree.VerifyConsistency(3, 3, root, root, [root]));
        Assert.False(MerkleTree.VerifyConsistency(3, 1, root, root, [root]));
    }

    [Fact]
    public void The_empty_tree_proves_nothing_about_a_larger_one()
    {
        var empty = MerkleTree.EmptyRoot;
        Assert.True(MerkleTree.VerifyConsistency(0, 0, empty, empty, []));
        Assert.False(MerkleTree.VerifyConsistency(0, 0, Naive.Leaf(0), Naive.Leaf(0), []));
        Assert.False(MerkleTree.VerifyConsistency(0, 1, empty, Naive.Leaf(0), []));
        Assert.False(MerkleTree.VerifyConsistency(0, 1, empty, empty, [empty]));
    }

    private static Digest Flip(Digest digest, int bit)
    {
        var bytes = digest.ToArray();
        bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        return Digest.From(bytes);
    }

    private static List<Digest> Flip(List<Digest> proof, int index, int bit)
    {
        List<Digest> flipped = [.. proof];
        flipped[index] = Flip(flipped[index], bit);
        return flipped;
    }
}
