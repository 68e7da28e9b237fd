using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Cryptography.Log;

/// <summary>
/// Computes the root of a tree whose leaves come by in order, in O(log n) memory: for whoever replays a whole log.
/// Not safe for use by several threads at once. Spec: docs/protocol.md §4.1.
/// </summary>
public sealed class MerkleFrontier
{
    // Roots of the perfect subtrees that make up the tree, largest first: one for each bit set in Size.
    private readonly List<Digest> _peaks = [];

    /// <summary>The number of leaves so far.</summary>
    public long Size { get; private set; }

    /// <summary>The root over the leaves so far; <see cref="MerkleTree.EmptyRoot"/> before the first.</summary>
    public Digest Root
    {
        get
        {
            if (_peaks.Count == 0) return MerkleTree.EmptyRoot;

            var root = _peaks[^1];
            for (var i = _peaks.Count - 2; i >= 0; i--) root = MerkleTree.NodeHash(_peaks[i], root);
            return root;
        }
    }

    /// <summary>Adds the next leaf's hash.</summary>
    public void Append(Digest leaf)
    {
        for (var size = Size; long.IsOddInteger(size); size >>= 1)
        {
            leaf = MerkleTree.NodeHash(_peaks[^1], leaf);
            _peaks.RemoveAt(_peaks.Count - 1);
        }

        _peaks.Add(leaf);
        Size++;
    }
}
