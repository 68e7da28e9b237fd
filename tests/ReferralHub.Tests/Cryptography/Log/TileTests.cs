using ReferralHub.Cryptography.Log;

namespace ReferralHub.Tests.Cryptography.Log;

public sealed class TileTests
{
    [Theory]
    [InlineData(0, 0, 256, "tile/0/000")]
    [InlineData(0, 273, 256, "tile/0/273")]
    [InlineData(1, 1, 1, "tile/1/001.p/1")]
    [InlineData(0, 999, 255, "tile/0/999.p/255")]
    [InlineData(0, 1000, 256, "tile/0/x001/000")]
    [InlineData(2, 1234067, 256, "tile/2/x001/x234/067")]
    [InlineData(0, 1234067, 8, "tile/0/x001/x234/067.p/8")]
    [InlineData(0, 36028797018963967, 256, "tile/0/x036/x028/x797/x018/x963/967")]
    [InlineData(7, 0, 128, "tile/7/000.p/128")]
    public void Path_of_a_tile_and_back(int level, long index, int width, string path)
    {
        var tile = new Tile(level, index, width);
        Assert.Equal(path, tile.Path);
        Assert.True(Tile.TryParsePath(path, out var parsed));
        Assert.Equal(tile, parsed);
    }

    [Theory]
    [InlineData(0, 256, "tile/entries/000")]
    [InlineData(1234067, 8, "tile/entries/x001/x234/067.p/8")]
    public void Path_of_a_bundle_and_back(long index, int width, string path)
    {
        var tile = new Tile(0, index, width);
        Assert.Equal(path, tile.EntriesPath);
        Assert.True(Tile.TryParseEntriesPath(path, out var parsed));
        Assert.Equal(tile, parsed);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("tile")]
    [InlineData("tile/0")]
    [InlineData("tile/0/")]
    [InlineData("/tile/0/000")]
    [InlineData("tile/0/000/")]
    [InlineData("tile//000")]
    [InlineData("tiles/0/000")]
    [InlineData("tile/00/000")]
    [InlineData("tile/+0/000")]
    [InlineData("tile/-1/000")]
    [InlineData("tile/8/000")]
    [InlineData("tile/63/000")]
    [InlineData("tile/7/001")]
    [InlineData("tile/entries/000")]
    [InlineData("tile/0/0")]
    [InlineData("tile/0/0000")]
    [InlineData("tile/0/1000")]
    [InlineData("tile/0/x000/001")]
    [InlineData("tile/0/x001")]
    [InlineData("tile/0/x001/x000")]
    [InlineData("tile/0/001/000")]
    [InlineData("tile/0/X001/000")]
    [InlineData("tile/0/x01/000")]
    [InlineData("tile/0/x036/x028/x797/x018/x963/968")]
    [InlineData("tile/0/x999/x999/x999/x999/x999/x999/999")]
    [InlineData("tile/0/000.p")]
    [InlineData("tile/0/000.p/")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/01")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/257")]
    [InlineData("tile/0/000.p/99999999999")]
    [InlineData("tile/0/000.p/1/2")]
    [InlineData("tile/0/x001.p/000.p/1")]
    [InlineData("tile/0/000.P/1")]
    [InlineData("tile/0/000.p/ 1")]
    [InlineData("tile/0/٠٠٠")]
    [InlineData("tile/0/../0/000")]
    public void Any_other_path_is_refused(string? path) => Assert.False(Tile.TryParsePath(path, out _));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("tile/0/000")]
    [InlineData("tile/entries")]
    [InlineData("tile/entries/")]
    [InlineData("tile/entries/0")]
    [InlineData("tile/entries/x000/001")]
    [InlineData("tile/entries/000.p/256")]
    [InlineData("tile/entries/0/000")]
    [InlineData("tile/entries/x036/x028/x797/x018/x963/968")]
    public void Any_other_path_of_a_bundle_is_refused(string? path) => Assert.False(Tile.TryParseEntriesPath(path, out _));

    [Theory]
    [InlineData(-1, 0, 1)]
    [InlineData(8, 0, 1)]
    [InlineData(0, -1, 1)]
    [InlineData(7, 1, 1)]
    [InlineData(0, long.MaxValue, 1)]
    [InlineData(0, 0, 0)]
    [InlineData(0, 0, 257)]
    public void Names_no_tile_that_no_tree_has(int level, long index, int width) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Tile(level, index, width));

    [Fact]
    public void Only_level_0_has_entries() => Assert.Throws<InvalidOperationException>(() => new Tile(1, 0, 1).EntriesPath);
}
