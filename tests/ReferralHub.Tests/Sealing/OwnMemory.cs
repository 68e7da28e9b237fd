using System.Globalization;
using System.Runtime.Versioning;

namespace ReferralHub.Tests.Sealing;

/// <summary>Searches all memory of this process that can be written, stacks and the heaps of native libraries among it.</summary>
[SupportedOSPlatform("linux")]
internal static class OwnMemory
{
    private const int BlockBytes = 1 << 20;

    /// <summary>A secret as the search takes it: the search itself must not bring the secret into memory.</summary>
    public static byte[] Masked(ReadOnlySpan<byte> secret)
    {
        var masked = secret.ToArray();
        foreach (ref var b in masked.AsSpan()) b ^= 0xFF;
        return masked;
    }

    /// <summary>Whether memory holds the secrets, in the order of the masks.</summary>
    public static bool[] Holds(params byte[][] masks)
    {
        var found = new bool[masks.Length];
        var block = new byte[BlockBytes];
        var overlap = masks.Max(mask => mask.Length) - 1;
        using var memory = new FileStream("/proc/self/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        foreach (var (start, end) in Regions())
        {
            for (var at = start; at < end; at += BlockBytes - overlap)
            {
                if (!TryRead(memory, at, block.AsSpan(0, (int)Math.Min(BlockBytes, end - at)), out var read)) break;
                foreach (ref var b in read) b ^= 0xFF;
                for (var i = 0; i < masks.Length; i++) found[i] |= read.IndexOf(masks[i]) >= 0;
                read.Clear();
            }
        }

        return found;
    }

    private static IEnumerable<(long Start, long End)> Regions() => File.ReadAllLines("/proc/self/maps")
        .Select(line => line.Split(' ', 3))
        .Where(part => part[1].StartsWith("rw", StringComparison.Ordinal))
        .Select(part => part[0].Split('-'))
        .Select(range => (long.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), long.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)));

    // What was unmapped since, or cannot be read, holds nothing.
    private static bool TryRead(FileStream memory, long at, Span<byte> block, out Span<byte> read)
    {
        try
        {
            memory.Position = at;
            read = block[..memory.ReadAtLeast(block, block.Length, throwOnEndOfStream: false)];
            return !read.IsEmpty;
        }
        catch (IOException)
        {
            read = default;
            return false;
        }
    }
}
