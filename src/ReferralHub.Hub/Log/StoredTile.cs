using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;

namespace ReferralHub.Hub.Log;

/// <summary>
/// A tile of hashes in the widest form there is. A narrower one is its beginning, so one row serves all widths, and only
/// what lies beyond the published size is ever written again.
/// </summary>
internal sealed class StoredTile
{
    public required LogName Log { get; init; }
    public required int Level { get; init; }
    public required long Index { get; init; }
    public required byte[] Hashes { get; set; }

    /// <summary>The published tile, or null: also for one that reaches beyond <paramref name="published"/> leaves.</summary>
    public static async Task<ReadOnlyMemory<byte>?> Find(HubDb db, LogName log, Tile tile, long published, CancellationToken ct)
    {
        var width = published >> (8 * tile.Level);
        if (width < tile.Index * Tile.FullWidth + tile.Width) return null;
        var (level, index) = (tile.Level, tile.Index);
        var stored = await db.Set<StoredTile>().AsNoTracking()
            .SingleAsync(t => t.Log == log && t.Level == level && t.Index == index, ct);
        return stored.Hashes.AsMemory(0, tile.Width * Digest.Size);
    }

    /// <summary>The tree of <paramref name="size"/> leaves, read from the database as it is asked.</summary>
    public static TileTree Tree(HubDb db, LogName log, long size) => new(size, tile =>
    {
        var (level, index) = (tile.Level, tile.Index);
        var stored = db.Set<StoredTile>().AsNoTracking().Single(t => t.Log == log && t.Level == level && t.Index == index);
        return stored.Hashes.AsMemory(0, tile.Width * Digest.Size);
    });

    /// <summary>The hash of a leaf as the log has it, published or not; null where it has none.</summary>
    public static async Task<Digest?> Leaf(HubDb db, LogName log, long index, CancellationToken ct)
    {
        var (tile, place) = (index / Tile.FullWidth, (int)(index % Tile.FullWidth) * Digest.Size);
        var stored = await db.Set<StoredTile>().AsNoTracking().SingleOrDefaultAsync(t => t.Log == log && t.Level == 0 && t.Index == tile, ct);
        return stored?.Hashes.Length >= place + Digest.Size ? Digest.From(stored.Hashes.AsSpan(place, Digest.Size)) : null;
    }

    /// <summary>Stores what an append made, in the write that is under way.</summary>
    public static async Task Stage(HubDb db, LogName log, TreeGrowth growth, CancellationToken ct)
    {
        // Where a batch crosses the end of a tile, the growth has one width of each tile it touches: the widest.
        foreach (var (tile, hashes) in growth.Tiles)
        {
            if (await db.Set<StoredTile>().FindAsync([log, tile.Level, tile.Index], ct) is { } stored)
                stored.Hashes = hashes.ToArray();
            else
                db.Add(new StoredTile { Log = log, Level = tile.Level, Index = tile.Index, Hashes = hashes.ToArray() });
        }
    }

    internal sealed class Table : IEntityTypeConfiguration<StoredTile>
    {
        public void Configure(EntityTypeBuilder<StoredTile> builder) =>
            builder.ToTable("log_tiles").HasKey(t => new { t.Log, t.Level, t.Index });
    }
}
