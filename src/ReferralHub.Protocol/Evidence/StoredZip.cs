using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ReferralHub.Protocol.Evidence;

/// <summary>A file in an archive.</summary>
/// <param name="Path">1 to 255 visible ASCII characters.</param>
/// <param name="Content">Its bytes; not copied.</param>
internal sealed record ZipEntry(string Path, ReadOnlyMemory<byte> Content)
{
    private uint? _crc;

    public uint Crc => _crc ??= StoredZip.Crc32(Content.Span);
}

/// <summary>
/// The zip of docs/protocol.md §5: stored entries, ordinal order, no choice left, so that one set of files has exactly one
/// archive. Our own hundred lines, because System.IO.Compression promises to read what it wrote, not which bytes it writes,
/// and when reading it overlooks what lies between, before and behind the entries.
/// Spec: PKWARE APPNOTE 6.3.10, §4.3.7, §4.3.12, §4.3.16.
/// </summary>
internal static class StoredZip
{
    /// <summary>What faults of the archive as a whole are named after.</summary>
    public const string Name = "evidence.zip";

    /// <summary>The largest archive in bytes: 64 MiB.</summary>
    public const int MaxSize = 64 << 20;

    /// <summary>The most entries: one less than the number with which zip announces its 64-bit form.</summary>
    public const int MaxEntries = ushort.MaxValue - 1;

    private const int MaxPathLength = 255;
    private const int LocalSize = 30;
    private const int CentralSize = 46;
    private const int EndSize = 22;
    private const uint LocalSignature = 0x04034b50;
    private const uint CentralSignature = 0x02014b50;
    private const uint EndSignature = 0x06054b50;
    private const ushort Version = 10;       // 1.0: stored files
    private const ushort Date = 1 << 5 | 1;  // 1980-01-01

    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(CrcOf)];

    /// <summary>Bytes of the archive of <paramref name="entries"/>.</summary>
    public static long SizeOf(IEnumerable<ZipEntry> entries) =>
        EndSize + entries.Sum(entry => (long)LocalSize + CentralSize + 2 * entry.Path.Length + entry.Content.Length);

    /// <summary>Whether <paramref name="entries"/> are what an archive can hold.</summary>
    public static bool IsWellFormed(IReadOnlyList<ZipEntry> entries) =>
        entries.Count <= MaxEntries
        && entries.All(entry => IsPath(entry.Path))
        && entries.Zip(entries.Skip(1)).All(pair => string.CompareOrdinal(pair.First.Path, pair.Second.Path) < 0)
        && SizeOf(entries) <= MaxSize;

    /// <summary>The archive of well-formed entries, piece by piece.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Write(IReadOnlyList<ZipEntry> entries)
    {
        var offsets = new List<int>(entries.Count);
        var at = 0;
        foreach (var entry in entries)
        {
            offsets.Add(at);
            yield return Local(entry);
            yield return entry.Content;
            at += LocalSize + entry.Path.Length + entry.Content.Length;
        }

        var centralAt = at;
        for (var i = 0; i < entries.Count; i++)
        {
            yield return Central(entries[i], offsets[i]);
            at += CentralSize + entries[i].Path.Length;
        }

        yield return End(entries.Count, at - centralAt, centralAt);
    }

    /// <summary>
    /// Reads an archive; false unless writing its entries again gives the same bytes to the last one. Total on any input.
    /// </summary>
    /// <param name="zip">Bytes from anywhere; the entries are slices of it.</param>
    /// <param name="entries">The entries, in order.</param>
    /// <param name="suspect">If false, the path of the entry at which the archive departs, or <see cref="Name"/>.</param>
    public static bool TryRead(
        ReadOnlyMemory<byte> zip, [NotNullWhen(true)] out IReadOnlyList<ZipEntry>? entries, [NotNullWhen(false)] out string? suspect)
    {
        (entries, suspect) = (null, Name);
        if (zip.Length > MaxSize) return false;

        var read = new List<ZipEntry>();
        for (var rest = zip; TryReadEntry(ref rest, out var entry);) read.Add(entry);

        var left = zip;
        var pieces = 0;
        if (IsWellFormed(read))
        {
            foreach (var piece in Write(read))
            {
                // The first pieces are header and content of each entry in turn; a departure behind them is nobody's.
                if (!left.Span.StartsWith(piece.Span))
                {
                    suspect = pieces / 2 < read.Count ? read[pieces / 2].Path : Name;
                    return false;
                }
                left = left[piece.Length..];
                pieces++;
            }

            if (left.IsEmpty) (entries, suspect) = (read, null);
        }

        return suspect is null;
    }

    /// <summary>The CRC-32 of zip; the framework has only CRC-32C.</summary>
    public static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes) crc = CrcTable[(crc ^ b) & 0xFF] ^ crc >> 8;
        return ~crc;
    }

    private static uint CrcOf(int b)
    {
        var crc = (uint)b;
        for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? 0xEDB88320 ^ crc >> 1 : crc >> 1;
        return crc;
    }

    // Reads leniently: what it overlooks, the comparison finds.
    private static bool TryReadEntry(ref ReadOnlyMemory<byte> rest, [NotNullWhen(true)] out ZipEntry? entry)
    {
        entry = null;
        var header = rest.Span;
        if (header.Length < LocalSize || BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalSignature) return false;

        var size = BinaryPrimitives.ReadUInt32LittleEndian(header[22..]);
        var pathLength = BinaryPrimitives.ReadUInt16LittleEndian(header[26..]);
        if (LocalSize + pathLength + (long)size > rest.Length) return false;

        entry = new(Encoding.Latin1.GetString(header.Slice(LocalSize, pathLength)), rest.Slice(LocalSize + pathLength, (int)size));
        rest = rest[(LocalSize + pathLength + (int)size)..];
        return true;
    }

    private static bool IsPath(string path) =>
        path.Length is >= 1 and <= MaxPathLength && !path.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static byte[] Local(ZipEntry entry)
    {
        var header = new byte[LocalSize + entry.Path.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(header, LocalSignature);
        Shared(header.AsSpan(4), entry);
        Encoding.ASCII.GetBytes(entry.Path, header.AsSpan(LocalSize));
        return header;
    }

    private static byte[] Central(ZipEntry entry, int offset)
    {
        var header = new byte[CentralSize + entry.Path.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(header, CentralSignature);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), Version);
        Shared(header.AsSpan(6), entry);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(42), offset);
        Encoding.ASCII.GetBytes(entry.Path, header.AsSpan(CentralSize));
        return header;
    }

    // What both headers of an entry say: version, no flags, stored, no time, date, CRC, both sizes, length of the path, no extra.
    private static void Shared(Span<byte> header, ZipEntry entry)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(header, Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Date);
        BinaryPrimitives.WriteUInt32LittleEndian(header[10..], entry.Crc);
        BinaryPrimitives.WriteInt32LittleEndian(header[14..], entry.Content.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[18..], entry.Content.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header[22..], (ushort)entry.Path.Length);
    }

    private static byte[] End(int count, int size, int offset)
    {
        var end = new byte[EndSize];
        BinaryPrimitives.WriteUInt32LittleEndian(end, EndSignature);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(8), (ushort)count);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(10), (ushort)count);
        BinaryPrimitives.WriteInt32LittleEndian(end.AsSpan(12), size);
        BinaryPrimitives.WriteInt32LittleEndian(end.AsSpan(16), offset);
        return end;
    }
}
