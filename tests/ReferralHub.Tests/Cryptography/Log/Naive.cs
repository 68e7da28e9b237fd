using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;

namespace ReferralHub.Tests.Cryptography.Log;

/// <summary>The definitions of RFC 6962 §2.1 word by word, over leaves 0, 1, 2, …; what the real code is compared with.</summary>
internal sealed class Naive
{
    private readonly Dictionary<(long, long), Digest> _roots = [];

    public static Digest Leaf(long index) => MerkleTree.LeafHash(BitConverter.GetBytes(index));

    // MTH(D[start:end])
    public Digest Root(long start, long end)
    {
        if (end == start) return Digest.Of([]);
        if (end == start + 1) return Leaf(start);
        if (_roots.TryGetValue((start, end), out var known)) return known;

        var k = Split(end - start);
        return _roots[(start, end)] = MerkleTree.NodeHash(Root(start, start + k), Root(start + k, end));
    }

    // PATH(m, D[start:end])
    public List<Digest> Path(long m, long start, long end)
    {
        if (end == start + 1) return [];

        var k = Split(end - start);
        return m < k
            ? [.. Path(m, start, start + k), Root(start + k, end)]
            : [.. Path(m - k, start + k, end), Root(start, start + k)];
    }

    // SUBPROOF(m, D[start:end], b)
    public List<Digest> Subproof(long m, long start, long end, bool whole)
    {
        if (m == end - start) return whole ? [] : [Root(start, end)];

        var k = Split(end - start);
        return m <= k
            ? [.. Subproof(m, start, start + k, whole), Root(start + k, end)]
            : [.. Subproof(m - k, start + k, end, false), Root(start, start + k)];
    }

    // The tiles of C2SP tlog-tiles that a tree has.
    public static HashSet<Tile> Tiles(long size)
    {
        var tiles = new HashSet<Tile>();
        for (var (level, hashes) = (0, size); hashes > 0; (level, hashes) = (level + 1, hashes / 256))
        {
            for (var index = 0L; index < hashes / 256; index++) tiles.Add(new(level, index, 256));
            if (hashes % 256 > 0) tiles.Add(new(level, hashes / 256, (int)(hashes % 256)));
        }

        return tiles;
    }

    private static long Split(long n)
    {
        var k = 1L;
        while (2 * k < n) k *= 2;
        return k;
    }
}
