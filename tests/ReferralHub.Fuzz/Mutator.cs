using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace ReferralHub.Fuzz;

/// <summary>Changes an input the way formats break: bits, lengths and numbers at their borders, pieces dropped, doubled, moved or taken from another.</summary>
internal sealed class Mutator(Dice dice, IReadOnlyList<byte[]> corpus, IReadOnlyList<byte[]> words, int longest)
{
    private const int TarBlock = 512;

    private static readonly byte[] Delimiters = "\n., {}[]:/\"-+\0"u8.ToArray();

    private static readonly ulong[] Borders =
    [
        0, 1, 2, 15, 16, 17, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
        0x1_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFF,
    ];

    private static readonly string[] Numbers =
    [
        "0", "00", "-0", "-1", "1", "1.0", "1e9", "0x1", "255", "256", "257", "65535", "65536", "2147483648", "4294967296",
        "9223372036854775807", "9223372036854775808", "18446744073709551616", "77777777777", "1" + new string('0', 400),
    ];

    /// <summary>A new input; the one given stays as it is.</summary>
    public byte[] Mutate(byte[] input)
    {
        var changed = new List<byte>(input);
        for (var left = 1 + dice.Below(4); left > 0; left--) Change(changed);
        if (changed.Count > longest) changed.RemoveRange(longest, changed.Count - longest);
        return [.. changed];
    }

    private void Change(List<byte> bytes)
    {
        switch (dice.Below(13))
        {
            case 0: Overwrite(bytes, at => bytes[at] ^= (byte)(1 << dice.Below(8))); break;
            case 1: Overwrite(bytes, at => bytes[at] = dice.Byte()); break;
            case 2: WriteBorder(bytes); break;
            case 3: Cut(bytes, dice.Below(bytes.Count + 1)); break;
            case 4: Move(bytes, keep: false, insert: false); break;
            case 5: Move(bytes, keep: true, insert: true); break;
            case 6: Move(bytes, keep: false, insert: true); break;
            case 7: Splice(bytes); break;
            case 8: Insert(bytes, words.Count == 0 ? [dice.Byte()] : dice.Of(words)); break;
            case 9: Insert(bytes, [dice.Of(Delimiters)]); break;
            case 10: ChangePieces(bytes); break;
            case 11: ChangeNumber(bytes); break;
            default: Insert(bytes, [.. Enumerable.Range(0, 1 + dice.Below(24)).Select(_ => dice.Byte())]); break;
        }
    }

    private void Overwrite(List<byte> bytes, Action<int> write)
    {
        if (bytes.Count > 0) write(dice.Below(bytes.Count));
    }

    private static void Cut(List<byte> bytes, int at) => bytes.RemoveRange(at, bytes.Count - at);

    private void Insert(List<byte> bytes, byte[] piece) => bytes.InsertRange(dice.Below(bytes.Count + 1), piece);

    // A field of 2, 4 or 8 bytes, either end first.
    private void WriteBorder(List<byte> bytes)
    {
        var field = new byte[8];
        var value = unchecked(dice.Of(Borders) + (ulong)dice.Below(3) - 1);
        var size = 1 << (1 + dice.Below(3));
        if (dice.OneIn(2)) BinaryPrimitives.WriteUInt64LittleEndian(field, value);
        else BinaryPrimitives.WriteUInt64BigEndian(field, value << (64 - 8 * size));
        if (bytes.Count < size) return;
        var at = dice.Below(bytes.Count - size + 1);
        for (var i = 0; i < size; i++) bytes[at + i] = field[i];
    }

    private void Move(List<byte> bytes, bool keep, bool insert)
    {
        if (bytes.Count == 0) return;
        var from = dice.Below(bytes.Count);
        var run = bytes.GetRange(from, 1 + dice.Below(Math.Min(bytes.Count - from, dice.OneIn(4) ? longest : 64)));
        if (!keep) bytes.RemoveRange(from, run.Count);
        if (insert) bytes.InsertRange(dice.Below(bytes.Count + 1), run);
    }

    private void Splice(List<byte> bytes)
    {
        var other = dice.Of(corpus);
        var cut = dice.Below(bytes.Count + 1);
        Cut(bytes, cut);
        var from = dice.OneIn(2) ? Math.Min(cut, other.Length) : dice.Below(other.Length + 1);
        bytes.AddRange(other.AsSpan(from));
    }

    // Members, lines, arguments, path segments, tar blocks: doubled, dropped, swapped, or one of another input.
    private void ChangePieces(List<byte> bytes)
    {
        var delimiter = dice.Of(Delimiters);
        var pieces = Pieces([.. bytes], delimiter);
        var at = dice.Below(pieces.Count);
        switch (dice.Below(4))
        {
            case 0: pieces.Insert(dice.Below(pieces.Count + 1), pieces[at]); break;
            case 1: pieces.RemoveAt(at); break;
            case 2:
                var other = dice.Below(pieces.Count);
                (pieces[at], pieces[other]) = (pieces[other], pieces[at]);
                break;
            default: pieces[at] = dice.Of(Pieces(dice.Of(corpus), delimiter)); break;
        }

        bytes.Clear();
        foreach (var piece in pieces) bytes.AddRange(piece);
    }

    private static List<byte[]> Pieces(byte[] bytes, byte delimiter)
    {
        if (delimiter == 0) return [.. bytes.Chunk(TarBlock), []];
        var pieces = new List<byte[]>();
        var from = 0;
        for (int length; (length = bytes.AsSpan(from).IndexOf(delimiter)) >= 0; from += length + 1)
            pieces.Add(bytes[from..(from + length + 1)]);
        pieces.Add(bytes[from..]);
        return pieces;
    }

    private void ChangeNumber(List<byte> bytes)
    {
        if (bytes.Count == 0) return;
        var start = bytes.FindIndex(dice.Below(bytes.Count), IsDigit);
        if (start < 0) return;
        var end = bytes.FindIndex(start, b => !IsDigit(b));
        if (end < 0) end = bytes.Count;
        var digits = Encoding.ASCII.GetString([.. bytes[start..end]]);
        var near = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value is > 0 and < long.MaxValue
            ? (value - 1 + dice.Below(3)).ToString(CultureInfo.InvariantCulture)
            : "";
        bytes.RemoveRange(start, end - start);
        bytes.InsertRange(start, Encoding.ASCII.GetBytes(near.Length > 0 && dice.OneIn(2) ? near : dice.Of(Numbers)));
    }

    private static bool IsDigit(byte b) => char.IsAsciiDigit((char)b);
}
