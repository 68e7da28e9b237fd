using System.Globalization;
using System.Text;

namespace ReferralHub.Cryptography.Log;

/// <summary>
/// The name of one file of a log (C2SP tlog-tiles): 256 hashes side by side on one level of tiles, or fewer at the right
/// edge of the tree. A hash of level L is the root over 256^L leaves. On level 0 the same name, with
/// <see cref="EntriesPath"/>, means the bundle of the entries themselves. Spec: docs/protocol.md §4.1.
/// </summary>
public readonly record struct Tile
{
    /// <summary>The hashes of a full tile.</summary>
    public const int FullWidth = 256;

    /// <summary>The highest level that a tree of 2^63 - 1 leaves has.</summary>
    public const int MaxLevel = 7;

    // Levels of the tree in one level of tiles: 2^8 = 256.
    internal const int Height = 8;

    /// <summary>Names a tile.</summary>
    /// <param name="level">0 (leaves) to <see cref="MaxLevel"/>.</param>
    /// <param name="index">The tile's position on its level, from 0.</param>
    /// <param name="width">Hashes in it, 1 to <see cref="FullWidth"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">No tree of less than 2^63 leaves has that tile.</exception>
    public Tile(int level, long index, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, MaxLevel);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, MaxIndex(level));
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, FullWidth);
        (Level, Index, Width) = (level, index, width);
    }

    /// <summary>0 for leaf hashes.</summary>
    public int Level { get; }

    /// <summary>The position on its level, from 0.</summary>
    public long Index { get; }

    /// <summary>The number of hashes or entries, 1 to <see cref="FullWidth"/>.</summary>
    public int Width { get; }

    /// <summary>Where the hashes are: <c>tile/LEVEL/INDEX</c>, for a partial tile followed by <c>.p/WIDTH</c>.</summary>
    public string Path => $"tile/{Level.ToString(CultureInfo.InvariantCulture)}/{Place}";

    /// <summary>Where the entries are: <c>tile/entries/INDEX</c>, for a partial bundle followed by <c>.p/WIDTH</c>.</summary>
    /// <exception cref="InvalidOperationException">The level is not 0.</exception>
    public string EntriesPath =>
        Level == 0 ? $"tile/entries/{Place}" : throw new InvalidOperationException("Only level 0 has entries.");

    private string Place =>
        Groups(Index) + (Width < FullWidth ? ".p/" + Width.ToString(CultureInfo.InvariantCulture) : "");

    /// <summary>Reads the path of a tile of hashes; false unless it is some tile's <see cref="Path"/>.</summary>
    /// <param name="path">Text from anywhere, also null.</param>
    /// <param name="tile">The tile, or the default when false.</param>
    public static bool TryParsePath(string? path, out Tile tile)
    {
        tile = default;
        if (path?.Split('/') is not ["tile", var level, .. var place]) return false;

        return int.TryParse(level, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && TryParsePlace(number, place, out tile)
            && tile.Path == path;
    }

    /// <summary>Reads the path of an entry bundle; false unless it is some tile's <see cref="EntriesPath"/>.</summary>
    /// <inheritdoc cref="TryParsePath"/>
    public static bool TryParseEntriesPath(string? path, out Tile tile)
    {
        tile = default;
        if (path?.Split('/') is not ["tile", "entries", .. var place]) return false;

        return TryParsePlace(0, place, out tile) && tile.EntriesPath == path;
    }

    // Reads leniently; the callers compare with the one spelling.
    private static bool TryParsePlace(int level, ReadOnlySpan<string> place, out Tile tile)
    {
        tile = default;
        var width = FullWidth;
        if (place is [.. var groups, var last] && groups is [.., var name] && name.EndsWith(".p", StringComparison.Ordinal))
        {
            if (!int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out width)) return false;
            place = groups;
        }

        var digits = string.Concat(place).Replace("x", "", StringComparison.Ordinal).Replace(".p", "", StringComparison.Ordinal);
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var index)) return false;
        if (level > MaxLevel || index > MaxIndex(level) || width is < 1 or > FullWidth) return false;

        tile = new(level, index, width);
        return true;
    }

    // Two shifts: by 64 in one, C# would shift by nothing.
    private static long MaxIndex(int level) => long.MaxValue >> (Height * level) >> Height;

    // x001/x234/067
    private static string Groups(long index)
    {
        var text = new StringBuilder((index % 1000).ToString("000", CultureInfo.InvariantCulture));
        for (index /= 1000; index > 0; index /= 1000)
            text.Insert(0, (index % 1000).ToString("'x'000'/'", CultureInfo.InvariantCulture));
        return text.ToString();
    }
}
