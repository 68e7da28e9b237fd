using System.Numerics;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Cryptography.Log;

/// <summary>
/// The hash tree of both logs: RFC 6962 §2.1 over SHA-256, proofs checked as in RFC 9162 §2.1.3.2 and §2.1.4.2.
/// Sizes and indexes are numbers of leaves, up to 2^63 - 1. Spec: docs/protocol.md §4.1.
/// </summary>
public static class MerkleTree
{
    /// <summary>The root of the tree without leaves: SHA-256 of nothing.</summary>
    public static Digest EmptyRoot { get; } = Digest.Of([]);

    /// <summary>The hash of a leaf: SHA-256(0x00 || entry).</summary>
    public static Digest LeafHash(ReadOnlySpan<byte> entry)
    {
        Span<byte> leaf = entry.Length < 512 ? stackalloc byte[1 + entry.Length] : new byte[1 + entry.Length];
        leaf[0] = 0;
        entry.CopyTo(leaf[1..]);
        return Digest.Of(leaf);
    }

    /// <summary>The hash of an inner node: SHA-256(0x01 || left || right).</summary>
    public static Digest NodeHash(Digest left, Digest right)
    {
        Span<byte> node = stackalloc byte[1 + 2 * Digest.Size];
        node[0] = 1;
        left.CopyTo(node[1..]);
        right.CopyTo(node[(1 + Digest.Size)..]);
        return Digest.Of(node);
    }

    /// <summary>Whether <paramref name="proof"/> shows <paramref name="leaf"/> at <paramref name="index"/> of the tree.</summary>
    /// <param name="index">The leaf's position, from 0; outside the tree gives false.</param>
    /// <param name="size">The tree's size.</param>
    /// <param name="leaf">The leaf's hash.</param>
    /// <param name="proof">The siblings from the leaf's up to the root's child; one too many or too few gives false.</param>
    /// <param name="root">The tree's root.</param>
    public static bool VerifyInclusion(long index, long size, Digest leaf, IReadOnlyList<Digest> proof, Digest root)
    {
        ArgumentNullException.ThrowIfNull(proof);
        if (index < 0 || index >= size) return false;

        var climb = new Climb(index, size - 1);
        var hash = leaf;
        foreach (var sibling in proof)
        {
            if (climb.AtRoot) return false;
            hash = climb.SiblingIsLeft() ? NodeHash(sibling, hash) : NodeHash(hash, sibling);
        }

        return climb.AtRoot && hash == root;
    }

    /// <summary>Whether <paramref name="proof"/> shows that the larger tree begins with the whole smaller one.</summary>
    /// <param name="size1">
    /// The smaller size. Every tree begins with the empty one, so 0 proves nothing and gives false unless both are empty.
    /// </param>
    /// <param name="size2">The larger size; equal sizes need equal roots and an empty proof.</param>
    /// <param name="root1">The root at <paramref name="size1"/>.</param>
    /// <param name="root2">The root at <paramref name="size2"/>.</param>
    /// <param name="proof">The nodes of RFC 6962 §2.1.2; one too many or too few gives false.</param>
    public static bool VerifyConsistency(
        long size1, long size2, Digest root1, Digest root2, IReadOnlyList<Digest> proof)
    {
        ArgumentNullException.ThrowIfNull(proof);
        if (size1 < 0 || size1 > size2) return false;
        if (size1 == size2) return proof.Count == 0 && root1 == root2 && (size1 > 0 || root1 == EmptyRoot);
        if (size1 == 0 || proof.Count == 0) return false;

        // A smaller tree that is one perfect subtree of the larger is its own starting point and not in the proof.
        var perfect = BitOperations.IsPow2(size1);
        var climb = new Climb(size1 - 1, size2 - 1);
        climb.SkipRightEdges();
        var (hash1, hash2) = perfect ? (root1, root1) : (proof[0], proof[0]);
        foreach (var node in perfect ? proof : proof.Skip(1))
        {
            if (climb.AtRoot) return false;
            if (climb.SiblingIsLeft()) (hash1, hash2) = (NodeHash(node, hash1), NodeHash(node, hash2));
            else hash2 = NodeHash(hash2, node);
        }

        return climb.AtRoot && hash1 == root1 && hash2 == root2;
    }

    // A walk from a node up to the root: its position and that of the last node, level by level (fn and sn of RFC 9162).
    private struct Climb(long node, long last)
    {
        public readonly bool AtRoot => last == 0;

        // Says on which side the next sibling stands, and goes up past every level where the node has none.
        public bool SiblingIsLeft()
        {
            var left = long.IsOddInteger(node) || node == last;
            if (left)
            {
                // Ends: an even node is here the last one, which below the root is not 0.
                while (long.IsEvenInteger(node)) Up();
            }

            Up();
            return left;
        }

        public void SkipRightEdges()
        {
            while (long.IsOddInteger(node)) Up();
        }

        private void Up() => (node, last) = (node >> 1, last >> 1);
    }
}
