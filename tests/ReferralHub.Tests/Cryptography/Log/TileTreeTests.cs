using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;

namespace ReferralHub.Tests.Cryptography.Log;

public sealed class TileTreeTests
{
    private const int Largest = 600;

    // All around the first tile, then around the second and beyond.
    private static readonly int[] Sizes = [.. Enumerable.Range(1, 280), .. Enumerable.Range(509, 7), Largest];

    private readonly Naive _naive = new();
    private readonly Dictionary<Tile, ReadOnlyMemory<byte>> _store = [];

    [Fact]
    public void Root_at_every_size_is_that_of_RFC_6962()
    {
        var frontier = new MerkleFrontier();
        for (var size = 0; size <= Largest; size++)
        {
            Assert.Equal(size, frontier.Size);
            Assert.Equal(_naive.Root(0, size), frontier.Root);
            Assert.Equal(_naive.Root(0, size), Stored(size).Root);
            frontier.Append(Naive.Leaf(size));
            Grow(size, 1);
        }
    }

    [Fact]
    public void Every_inclusion_proof_is_that_of_RFC_6962_and_verifies()
    {
        Grow(0, Largest);
        foreach (var size in Sizes)
        {
            var tree = Smaller(size);
            for (var index = 0; index < size; index++)
            {
                var proof = tree.InclusionProof(index);
                Assert.True(proof.SequenceEqual(_naive.Path(index, 0, size)));
                Assert.True(MerkleTree.VerifyInclusion(index, size, Naive.Leaf(index), proof, tree.Root));
            }
        }
    }

    [Fact]
    public void Every_consistency_proof_is_that_of_RFC_6962_and_verifies()
    {
        Grow(0, Largest);
        foreach (var size in Sizes)
        {
            var tree = Smaller(size);
            for (var old = 1; old <= size; old++)
            {
                var proof = tree.ConsistencyProof(old);
                Assert.True(proof.SequenceEqual(_naive.Subproof(old, 0, size, true)));
                Assert.True(MerkleTree.VerifyConsistency(old, size, _naive.Root(0, old), tree.Root, proof));
            }
        }
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(0, 600, 1)]
    [InlineData(255, 1, 256)]
    [InlineData(256, 1, 257)]
    [InlineData(200, 56, 512)]
    [InlineData(200, 57, 300)]
    [InlineData(511, 2, 600)]
    [InlineData(65_000, 2_000, 3_000)]
    public void Append_gives_exactly_the_tiles_that_the_smaller_tree_has_not(int first, int second, int third)
    {
        var sizes = new[] { 0, first, first + second, first + second + third };
        var frontier = new MerkleFrontier();
        for (var i = 1; i < sizes.Length; i++)
        {
            var growth = Grow(sizes[i - 1], sizes[i] - sizes[i - 1]);
            for (long leaf = sizes[i - 1]; leaf < sizes[i]; leaf++) frontier.Append(Naive.Leaf(leaf));

            Assert.Equal(Naive.Tiles(sizes[i]).Except(Naive.Tiles(sizes[i - 1])).ToHashSet(), [.. growth.Tiles.Keys]);
            Assert.Equal((sizes[i], frontier.Root), (growth.Tree.Size, growth.Tree.Root));
            Assert.Equal(frontier.Root, Stored(sizes[i]).Root);
        }
    }

    [Fact]
    public void Append_of_nothing_changes_nothing()
    {
        Grow(0, 300);
        var growth = Stored(300).Append([]);
        Assert.Empty(growth.Tiles);
        Assert.Equal((300, _naive.Root(0, 300)), (growth.Tree.Size, growth.Tree.Root));
    }

    [Fact]
    public void Append_reads_only_the_right_edge()
    {
        Grow(0, 66_000);
        var asked = new List<string>();
        var growth = Stored(66_000, asked).Append([Naive.Leaf(66_000)]);
        Assert.Equal(["tile/0/257.p/208"], asked);
        Assert.Equal(["tile/0/257.p/209"], growth.Tiles.Keys.Select(tile => tile.Path));

        _ = growth.Tree.Root;
        Assert.Equal(["tile/0/257.p/208", "tile/1/001.p/1", "tile/2/000.p/1"], asked.Order());
    }

    [Fact]
    public void Proofs_of_neighbours_read_each_tile_once()
    {
        Grow(0, 66_000);
        var asked = new List<string>();
        var tree = Stored(66_000, asked);
        for (var index = 300; index < 500; index++) tree.InclusionProof(index);
        Assert.Equal(asked.Distinct(), asked);
        Assert.InRange(asked.Count, 1, 6);
    }

    [Fact]
    public void A_stored_tile_of_the_wrong_length_is_noticed()
    {
        Grow(0, 5);
        foreach (var length in new[] { 0, 5 * Digest.Size - 1, 5 * Digest.Size + 1, 6 * Digest.Size })
        {
            var tree = new TileTree(5, _ => new byte[length]);
            Assert.Throws<InvalidDataException>(() => tree.Root);
            Assert.Throws<InvalidDataException>(() => tree.InclusionProof(0));
            Assert.Throws<InvalidDataException>(() => tree.Append([Naive.Leaf(5)]));
        }
    }

    [Fact]
    public void Asks_for_leaves_and_sizes_that_exist_only()
    {
        Grow(0, 5);
        Assert.Throws<ArgumentOutOfRangeException>(() => Stored(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Stored(5).InclusionProof(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Stored(5).InclusionProof(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => Stored(5).ConsistencyProof(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Stored(5).ConsistencyProof(6));
    }

    // Grows the stored tree and keeps the tiles under their names.
    private TreeGrowth Grow(long size, int more)
    {
        var growth = Stored(size).Append([.. Enumerable.Range(0, more).Select(i => Naive.Leaf(size + i))]);
        foreach (var (tile, hashes) in growth.Tiles) _store.Add(tile, hashes);
        return growth;
    }

    private TileTree Stored(long size, List<string>? asked = null) => new(size, tile =>
    {
        asked?.Add(tile.Path);
        return _store[tile];
    });

    // A tree of an earlier size over the tiles of the largest: a partial tile is the beginning of the wider one.
    private TileTree Smaller(long size) => new(size, tile =>
        _store.Single(stored => (stored.Key.Level, stored.Key.Index) == (tile.Level, tile.Index)).Value[..(tile.Width * Digest.Size)]);
}
