using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ReferralHub.Sealing.Envelopes;

/// <summary>
/// The header of a plain file in a tar: the ustar block that pax builds on, without extended records. Each file has one header,
/// the one that <c>tar --format=ustar --numeric-owner --owner=0 --group=0 --mode=0600 --mtime=@0</c> writes, so that a
/// header tells nothing but path and size, and readers agree on it.
/// References: POSIX.1-2017, pax, "ustar Interchange Format". Spec: docs/protocol.md §2.4.
/// </summary>
internal static class TarHeader
{
    public const int BlockBytes = 512;

    /// <summary>One less than 8 GiB, what eleven octal digits hold.</summary>
    public const long MaxSize = (1L << 33) - 1;

    private const int PathBytes = 100;
    private static readonly Range SizeField = 124..136;
    private static readonly Range ChecksumField = 148..156;

    /// <summary>Writes the header of a file.</summary>
    /// <param name="path">1 to 100 printable ASCII characters.</param>
    /// <param name="size">0 to <see cref="MaxSize"/> bytes.</param>
    /// <param name="block">512 bytes.</param>
    public static void Format(string path, long size, Span<byte> block)
    {
        block.Clear();
        Encoding.ASCII.GetBytes(path, block[..PathBytes]);
        "0000600\0"u8.CopyTo(block[100..]); // mode
        "0000000\0"u8.CopyTo(block[108..]); // owner
        "0000000\0"u8.CopyTo(block[116..]); // group
        Octal(size, block[SizeField][..11]);
        Octal(0, block[136..147]); // time
        block[156] = (byte)'0'; // a plain file
        "ustar\000"u8.CopyTo(block[257..]);
        "0000000\0"u8.CopyTo(block[329..]); // device
        "0000000\0"u8.CopyTo(block[337..]);

        // The checksum counts its own field as spaces.
        block[ChecksumField].Fill((byte)' ');
        var sum = 0;
        foreach (var b in block) sum += b;
        Octal(sum, block[ChecksumField][..6]);
        block[154] = 0;
    }

    /// <summary>
    /// Reads a header; false unless it is the one that <see cref="Format"/> writes for its path and size. Which paths there are,
    /// <see cref="EnvelopeLayout"/> says.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> block, [NotNullWhen(true)] out string? path, out long size)
    {
        path = null;
        size = 0;
        foreach (var digit in block[SizeField][..11])
        {
            if (digit is < (byte)'0' or > (byte)'7') return false;
            size = size * 8 + (digit - '0');
        }

        var name = block[..PathBytes];
        var end = name.IndexOf((byte)0);
        if (end >= 0) name = name[..end];

        var read = Encoding.ASCII.GetString(name);
        Span<byte> again = stackalloc byte[BlockBytes];
        Format(read, size, again);
        if (!block.SequenceEqual(again)) return false;
        path = read;
        return true;
    }

    /// <summary>Zero bytes that follow a file's content up to the next block.</summary>
    public static int Gap(long size) => (int)(-size & BlockBytes - 1);

    private static void Octal(long value, Span<byte> digits) =>
        Encoding.ASCII.GetBytes(Convert.ToString(value, 8).PadLeft(digits.Length, '0'), digits);
}
