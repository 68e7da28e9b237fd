using System.Numerics;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Cryptography.Log;

/// <summary>
/// A tree of a fixed size over stored tiles. Reads O(log n) tiles for a root, a proof or an append, and keeps of each level
/// the rightmost and the last other one with their inner nodes (16 KiB each), so that the proofs of neighbours are cheap.
/// Not safe for use by several threads at once. Spec: docs/protocol.md §4.1.
/// </summary>
public sealed class TileTree
{
    private readonly Func<Tile, ReadOnlyMemory<byte>> _read;
    private readonly (Tile Tile, Digest[][] Nodes)[,] _kept = new (Tile, Digest[][])[Tile.MaxLevel + 1, 2];
    private Digest? _root;

    /// <summary>Looks at the first <paramref name="size"/> leaves of a log.</summary>
    /// <param name="size">The tree's size in leaves.</param>
    /// <param name="read">
    /// Gives a tile's hashes, exactly 32 bytes times <see cref="Tile.Width"/>; asked only for tiles that a tree of this size
    /// has, a partial one always in the width that it has at this size. What it throws passes through.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is negative.</exception>
    public TileTree(long size, Func<Tile, ReadOnlyMemory<byte>> read)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentNullException.ThrowIfNull(read);
        (Size, _read) = (size, read);
    }

    /// <summary>The number of leaves.</summary>
    public long Size { get; }

    /// <summary>The root; <see cref="MerkleTree.EmptyRoot"/> without leaves.</summary>
    /// <exception cref="InvalidDataException">A stored tile has the wrong length.</exception>
    public Digest Root => _root ??= Size == 0 ? MerkleTree.EmptyRoot : Range(0, Size);

    /// <summary>The proof for <see cref="MerkleTree.VerifyInclusion"/> that a leaf is in this tree (RFC 6962 §2.1.1).</summary>
    /// <param name="index">The leaf's position, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">This tree has no such leaf.</exception>
    /// <exception cref="InvalidDataException">A stored tile has the wrong length.</exception>
    public IReadOnlyList<Digest> InclusionProof(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Size);

        var fromRoot = new List<Digest>();
        var (start, end) = (0L, Size);
        while (end - start > 1)
        {
            var middle = Middle(start, end);
            fromRoot.Add(index < middle ? Range(middle, end) : Range(start, middle));
            (start, end) = index < middle ? (start, middle) : (middle, end);
        }

        fromRoot.Reverse();
        return fromRoot;
    }

    /// <summary>
    /// The proof for <see cref="MerkleTree.VerifyConsistency"/> that this tree begins with its own earlier state (RFC 6962 §2.1.2).
    /// </summary>
    /// <param name="oldSize">The earlier size, 1 to <see cref="Size"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="oldSize"/> lies outside that range.</exception>
    /// <exception cref="InvalidDataException">A stored tile has the wrong length.</exception>
    public IReadOnlyList<Digest> ConsistencyProof(long oldSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(oldSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, Size);

        var fromRoot = new List<Digest>();
        var (start, end) = (0L, Size);
        while (oldSize != end)
        {
            var middle = Middle(start, end);
            fromRoot.Add(oldSize <= middle ? Range(middle, end) : Range(start, middle));
            (start, end) = oldSize <= middle ? (start, middle) : (middle, end);
        }

        // Unless the old tree is the whole left edge, whose root the verifier has, it needs the last subtree too.
        if (start > 0) fromRoot.Add(Range(start, end));
        fromRoot.Reverse();
        return fromRoot;
    }

    /// <summary>
    /// Computes the tree with <paramref name="leaves"/> appended, and the tiles it has that this one has not. Reads only the
    /// right edge; stores nothing: the caller makes the tiles durable before it signs the new root.
    /// </summary>
    /// <param name="leaves">The leaf hashes, in order; may be empty.</param>
    /// <exception cref="InvalidDataException">A stored tile has the wrong length.</exception>
    public TreeGrowth Append(IReadOnlyList<Digest> leaves)
    {
        ArgumentNullException.ThrowIfNull(leaves);

        var tiles = new Dictionary<Tile, ReadOnlyMemory<byte>>();
        var hashes = leaves;
        for (var level = 0; hashes.Count > 0; level++) hashes = AppendTo(level, hashes, tiles);

        var tree = new TileTree(Size + leaves.Count, tile => tiles.TryGetValue(tile, out var grown) ? grown : _read(tile));
        return new(tree, tiles);
    }

    // Returns the roots of the tiles that became full: what the next level gains.
    private List<Digest> AppendTo(int level, IReadOnlyList<Digest> hashes, Dictionary<Tile, ReadOnlyMemory<byte>> tiles)
    {
        var index = Width(level) / Tile.FullWidth;
        var open = new List<Digest>(Tile.FullWidth);
        var filled = (int)(Width(level) % Tile.FullWidth);
        if (filled > 0) open.AddRange(Hashes(new(level, index, filled)));

        var roots = new List<Digest>();
        foreach (var hash in hashes)
        {
            open.Add(hash);
            if (open.Count < Tile.FullWidth) continue;
            tiles.Add(new(level, index++, Tile.FullWidth), Concatenate(open));
            roots.Add(Nodes([.. open])[Tile.Height][0]);
            open.Clear();
        }

        if (open.Count > 0) tiles.Add(new(level, index, open.Count), Concatenate(open));
        return roots;
    }

    // MTH(D[start:end]) of RFC 6962; the range is one that its recursive splits give, so a perfect one is aligned.
    private Digest Range(long start, long end)
    {
        if (BitOperations.IsPow2(end - start)) return Node(BitOperations.Log2((ulong)(end - start)), start);

        var middle = Middle(start, end);
        return MerkleTree.NodeHash(Range(start, middle), Range(middle, end));
    }

    // The root of the perfect subtree over 2^height leaves from start.
    private Digest Node(int height, long start)
    {
        var (level, heightInTile) = (height / Tile.Height, height % Tile.Height);
        var first = start >> (Tile.Height * level);
        var index = first / Tile.FullWidth;
        var rightmost = (Width(level) - 1) / Tile.FullWidth;
        var tile = new Tile(level, index, (int)Math.Min(Tile.FullWidth, Width(level) - index * Tile.FullWidth));

        ref var kept = ref _kept[level, index == rightmost ? 1 : 0];
        if (kept.Tile != tile) kept = (tile, Nodes(Hashes(tile)));
        return kept.Nodes[heightInTile][(first % Tile.FullWidth) >> heightInTile];
    }

    private Digest[] Hashes(Tile tile)
    {
        var bytes = _read(tile).Span;
        if (bytes.Length != tile.Width * Digest.Size)
            throw new InvalidDataException($"{tile.Path} has {bytes.Length} bytes, not {tile.Width * Digest.Size}.");

        var hashes = new Digest[tile.Width];
        for (var i = 0; i < hashes.Length; i++) hashes[i] = Digest.From(bytes.Slice(i * Digest.Size, Digest.Size));
        return hashes;
    }

    // The perfect subtrees over a tile's hashes, by height: the hashes themselves at 0, a full tile's root at Tile.Height.
    private static Digest[][] Nodes(Digest[] hashes)
    {
        var nodes = new Digest[Tile.Height + 1][];
        nodes[0] = hashes;
        for (var height = 1; height < nodes.Length; height++)
        {
            var below = nodes[height - 1];
            nodes[height] = new Digest[below.Length / 2];
            for (var i = 0; i < nodes[height].Length; i++)
                nodes[height][i] = MerkleTree.NodeHash(below[2 * i], below[2 * i + 1]);
        }

        return nodes;
    }

    // How many hashes a level of tiles has at this size.
    private long Width(int level) => Size >> (Tile.Height * level);

    // The largest power of two below the number of leaves splits them.
    private static long Middle(long start, long end) => start + (1L << BitOperations.Log2((ulong)(end - start - 1)));

    private static byte[] Concatenate(List<Digest> hashes)
    {
        var tile = new byte[hashes.Count * Digest.Size];
        for (var i = 0; i < hashes.Count; i++) hashes[i].CopyTo(tile.AsSpan(i * Digest.Size));
        return tile;
    }
}
