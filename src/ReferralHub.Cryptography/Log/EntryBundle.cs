using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace ReferralHub.Cryptography.Log;

/// <summary>
/// The entries of one tile of level 0: each as its length in 16 bits, big-endian, then its bytes (C2SP tlog-tiles).
/// Spec: docs/protocol.md §4.1.
/// </summary>
public static class EntryBundle
{
    /// <summary>The longest entry in bytes.</summary>
    public const int MaxEntrySize = ushort.MaxValue;

    /// <summary>The bundle of <paramref name="entries"/>, in order.</summary>
    /// <exception cref="ArgumentException">An entry is longer than <see cref="MaxEntrySize"/>, or there are none or more than 256.</exception>
    public static byte[] Encode(IReadOnlyList<ReadOnlyMemory<byte>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (entries.Count is 0 or > Tile.FullWidth)
            throw new ArgumentException($"A bundle has 1 to {Tile.FullWidth} entries.", nameof(entries));
        if (entries.Any(entry => entry.Length > MaxEntrySize))
            throw new ArgumentException($"An entry is at most {MaxEntrySize} bytes.", nameof(entries));

        var bundle = new byte[entries.Sum(entry => sizeof(ushort) + entry.Length)];
        var rest = bundle.AsSpan();
        foreach (var entry in entries)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)entry.Length);
            entry.Span.CopyTo(rest[sizeof(ushort)..]);
            rest = rest[(sizeof(ushort) + entry.Length)..];
        }

        return bundle;
    }

    /// <summary>Reads a bundle; false unless it holds exactly <paramref name="width"/> entries and nothing after them.</summary>
    /// <param name="bundle">Bytes from anywhere. The entries share this memory.</param>
    /// <param name="width">The tile's <see cref="Tile.Width"/>.</param>
    /// <param name="entries">The entries in order, or null when false.</param>
    public static bool TryDecode(
        ReadOnlyMemory<byte> bundle, int width, [NotNullWhen(true)] out IReadOnlyList<ReadOnlyMemory<byte>>? entries)
    {
        entries = null;
        var read = new List<ReadOnlyMemory<byte>>(Tile.FullWidth);
        while (!bundle.IsEmpty)
        {
            if (!BinaryPrimitives.TryReadUInt16BigEndian(bundle.Span, out var length)) return false;
            bundle = bundle[sizeof(ushort)..];
            if (bundle.Length < length) return false;
            read.Add(bundle[..length]);
            bundle = bundle[length..];
        }

        if (read.Count != width) return false;
        entries = read;
        return true;
    }
}
