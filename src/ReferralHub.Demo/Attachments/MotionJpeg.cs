using System.Buffers.Binary;
using System.Text;

namespace ReferralHub.Demo.Attachments;

/// <summary>
/// A film of JPEG frames in an MP4 file: the boxes of ISO/IEC 14496-12 around one Motion-JPEG track (ISO/IEC 14496-14,
/// object type 0x6C). In the file: ftyp, mdat with one frame after another, moov, and a free box that fills it up.
/// </summary>
internal static class MotionJpeg
{
    private const int FramesPerSecond = 25;
    private const int Header = 8;
    private const int MovieReserve = 16 << 10; // 4 bytes a frame and about 600 for all else

    private static readonly byte[] Matrix =
        [.. new uint[] { 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000 }.SelectMany(U32)];

    /// <summary>
    /// Writes a film of exactly <paramref name="size"/> bytes, with as many frames as fit, to an empty stream that
    /// seeks. <paramref name="frame"/> makes the JPEG of a number, <paramref name="width"/> by <paramref name="height"/>.
    /// </summary>
    public static void Write(Stream film, int size, ushort width, ushort height, Func<int, byte[]> frame)
    {
        film.Write(Box("ftyp", [.. "mp42"u8, .. U32(0), .. "mp42isom"u8]));
        var mdat = film.Position;
        film.Write(new byte[Header]);

        var sizes = new List<uint>();
        for (var next = frame(0); film.Position + next.Length + MovieReserve <= size; next = frame(sizes.Count))
        {
            film.Write(next);
            sizes.Add((uint)next.Length);
        }

        if (sizes.Count == 0) throw new ArgumentOutOfRangeException(nameof(size), size, "No frame fits.");
        var end = film.Position;
        film.Position = mdat;
        film.Write([.. U32((uint)(end - mdat)), .. "mdat"u8]);
        film.Position = end;

        film.Write(Movie(sizes, (uint)mdat + Header, width, height));
        film.Write(Box("free", new byte[size - film.Position - Header]));
    }

    private static byte[] Movie(List<uint> sizes, uint firstFrame, ushort width, ushort height)
    {
        var frames = U32((uint)sizes.Count);
        var scale = U32(FramesPerSecond);
        var bitRate = U32((uint)(sizes.Sum(s => (long)s) * 8 * FramesPerSecond / sizes.Count));

        // ISO/IEC 14496-1: elementary stream (3), decoder configuration (4), sync layer (6), each with its length.
        byte[] decoder = [0x6C, 0x11, .. U32(sizes.Max())[1..], .. bitRate, .. bitRate];
        byte[] stream = [0x03, (byte)(8 + decoder.Length), .. U16(1), 0, 0x04, (byte)decoder.Length, .. decoder, 0x06, 1, 2];
        var sample = Box(
            "mp4v",
            [
                .. new byte[6], .. U16(1), .. new byte[16], .. U16(width), .. U16(height), .. U32(72 << 16), .. U32(72 << 16),
                .. U32(0), .. U16(1), .. new byte[32], .. U16(24), .. U16(0xFFFF), .. FullBox("esds", stream),
            ]);
        var table = Box(
            "stbl",
            [
                .. FullBox("stsd", [.. U32(1), .. sample]),
                .. FullBox("stts", [.. U32(1), .. frames, .. U32(1)]),
                .. FullBox("stsc", [.. U32(1), .. U32(1), .. frames, .. U32(1)]),
                .. FullBox("stsz", [.. U32(0), .. frames, .. sizes.SelectMany(U32)]),
                .. FullBox("stco", [.. U32(1), .. U32(firstFrame)]),
            ]);
        var media = Box(
            "mdia",
            [
                .. FullBox("mdhd", [.. new byte[8], .. scale, .. frames, .. U16(0x55C4), .. U16(0)]),
                .. FullBox("hdlr", [.. U32(0), .. "vide"u8, .. new byte[13]]),
                .. Box(
                    "minf",
                    [
                        .. FullBox("vmhd", new byte[8], flags: 1),
                        .. Box("dinf", FullBox("dref", [.. U32(1), .. FullBox("url ", [], flags: 1)])),
                        .. table,
                    ]),
            ]);
        var track = FullBox(
            "tkhd",
            [
                .. new byte[8], .. U32(1), .. U32(0), .. frames, .. new byte[16], .. Matrix,
                .. U32((uint)width << 16), .. U32((uint)height << 16),
            ],
            flags: 3);

        return Box(
            "moov",
            [
                .. FullBox(
                    "mvhd",
                    [
                        .. new byte[8], .. scale, .. frames, .. U32(1 << 16), .. U16(1 << 8), .. new byte[10], .. Matrix,
                        .. new byte[24], .. U32(2),
                    ]),
                .. Box("trak", [.. track, .. media]),
            ]);
    }

    private static byte[] FullBox(string type, byte[] content, uint flags = 0) => Box(type, [.. U32(flags), .. content]);

    private static byte[] Box(string type, byte[] content) =>
        [.. U32((uint)(Header + content.Length)), .. Encoding.ASCII.GetBytes(type), .. content];

    private static byte[] U16(ushort value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] U32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
