using System.Buffers;

namespace ReferralHub.Gateway.Keys;

/// <summary>
/// A QR code of one size, for a recovery key's paper: version 5, level Q (a quarter of it may be unreadable), alphanumeric.
/// Reference: ISO/IEC 18004:2015, the sections named below.
/// </summary>
internal static class QrCode
{
    /// <summary>Modules a side, without the four light ones that must surround it.</summary>
    public const int Size = 37;

    /// <summary>The longest text.</summary>
    public const int MaxChars = 87;

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"; // table 5
    private const int DataBytes = 62;
    private const int CheckBytes = 18; // of each block
    private const int AlignmentAt = 30; // annex E
    private const int FormatPolynomial = 0x537;
    private const int FormatMask = 0x5412;
    private const int LevelQ = 3;

    // The standard would have us choose the best of eight masks. Random text needs no choice, and readers take any.
    private const int Mask = 0;

    private static readonly int[] Blocks = [15, 15, 16, 16]; // table 9
    private static readonly SearchValues<char> Allowed = SearchValues.Create(Alphabet);

    /// <summary>Encodes a text; true is dark, the first index is the row. The caller clears it.</summary>
    /// <param name="text">At most <see cref="MaxChars"/> of <c>0-9 A-Z</c>, space and <c>$%*+-./:</c>; the caller clears it.</param>
    /// <exception cref="ArgumentException">The text is not such a one.</exception>
    public static bool[,] Encode(ReadOnlySpan<char> text)
    {
        Span<byte> data = stackalloc byte[DataBytes];
        Span<byte> whole = stackalloc byte[DataBytes + Blocks.Length * CheckBytes];
        WriteText(text, data);
        Interleave(data, whole);
        var (modules, taken) = Patterns();
        Place(whole, modules, taken);
        data.Clear();
        whole.Clear();
        return modules;
    }

    // 7.4.5 and 7.4.10: mode, length, two characters in 11 bits, and bytes that fill what is left
    private static void WriteText(ReadOnlySpan<char> text, Span<byte> data)
    {
        if (text.Length > MaxChars || text.ContainsAnyExcept(Allowed)) throw new ArgumentException("The text does not fit such a QR code.", nameof(text));
        var at = 0;
        Put(data, ref at, 0b0010, 4);
        Put(data, ref at, text.Length, 9);
        for (; text.Length >= 2; text = text[2..]) Put(data, ref at, Alphabet.IndexOf(text[0]) * Alphabet.Length + Alphabet.IndexOf(text[1]), 11);
        if (text.Length == 1) Put(data, ref at, Alphabet.IndexOf(text[0]), 6);

        // The text ends with four zero bits, or with as many as there is room for.
        at = Math.Min(at + 4, DataBytes * 8);
        var filler = (byte)0xEC;
        for (var i = (at + 7) / 8; i < DataBytes; i++, filler ^= 0xEC ^ 0x11) data[i] = filler;
    }

    private static void Put(Span<byte> data, ref int at, int value, int bits)
    {
        for (var i = bits - 1; i >= 0; i--, at++) data[at / 8] |= (byte)((value >> i & 1) << 7 - at % 8);
    }

    // 7.5 and 7.6: four blocks, each with its check bytes, dealt out in turn
    private static void Interleave(ReadOnlySpan<byte> data, Span<byte> whole)
    {
        Span<byte> generator = stackalloc byte[CheckBytes];
        Span<byte> check = stackalloc byte[CheckBytes];
        MakeGenerator(generator);
        for (int block = 0, start = 0; block < Blocks.Length; start += Blocks[block++])
        {
            for (var i = 0; i < Blocks[block]; i++) whole[i < Blocks[0] ? i * Blocks.Length + block : Blocks[0] * Blocks.Length + block - 2] = data[start + i];
            Remainder(data.Slice(start, Blocks[block]), generator, check);
            for (var i = 0; i < CheckBytes; i++) whole[DataBytes + i * Blocks.Length + block] = check[i];
        }

        check.Clear();
    }

    // Annex A: the product of (x - 2^i), its highest coefficient left out
    private static void MakeGenerator(Span<byte> generator)
    {
        generator.Clear();
        generator[^1] = 1;
        for (int i = 0, root = 1; i < generator.Length; i++, root = Multiply(root, 2))
        {
            for (var j = 0; j < generator.Length; j++)
                generator[j] = (byte)(Multiply(generator[j], root) ^ (j + 1 < generator.Length ? generator[j + 1] : 0));
        }
    }

    private static void Remainder(ReadOnlySpan<byte> data, ReadOnlySpan<byte> generator, Span<byte> remainder)
    {
        remainder.Clear();
        foreach (var next in data)
        {
            var factor = next ^ remainder[0];
            remainder[1..].CopyTo(remainder);
            remainder[^1] = 0;
            for (var i = 0; i < remainder.Length; i++) remainder[i] ^= (byte)Multiply(generator[i], factor);
        }
    }

    // In the field of 256 elements with x^8 + x^4 + x^3 + x^2 + 1
    private static int Multiply(int a, int b)
    {
        var product = 0;
        for (var i = 7; i >= 0; i--) product = product << 1 ^ (product >> 7) * 0x11D ^ (b >> i & 1) * a;
        return product;
    }

    // 6.3 and 7.9: what is the same in every code of this size, and which modules it takes
    private static (bool[,] Modules, bool[,] Taken) Patterns()
    {
        var (modules, taken) = (new bool[Size, Size], new bool[Size, Size]);
        for (var i = 0; i < Size; i++)
        {
            Set(6, i, i % 2 == 0);
            Set(i, 6, i % 2 == 0);
        }

        // Rings around a centre: a finder with its light edge has radius 4, an alignment pattern 2.
        foreach (var (row, column, radius) in ((int, int, int)[])[(3, 3, 4), (3, Size - 4, 4), (Size - 4, 3, 4), (AlignmentAt, AlignmentAt, 2)])
        {
            for (var r = Math.Max(0, row - radius); r <= Math.Min(Size - 1, row + radius); r++)
            {
                for (var c = Math.Max(0, column - radius); c <= Math.Min(Size - 1, column + radius); c++)
                {
                    var ring = Math.Max(Math.Abs(r - row), Math.Abs(c - column));
                    Set(r, c, radius == 4 ? ring is not (2 or 4) : ring != 1);
                }
            }
        }

        var format = LevelQ << 3 | Mask;
        var check = format;
        for (var i = 0; i < 10; i++) check = check << 1 ^ (check >> 9) * FormatPolynomial;
        format = (format << 10 | check) ^ FormatMask;
        for (var i = 0; i < 15; i++)
        {
            var dark = (format >> i & 1) == 1;
            Set(i < 6 ? i : i < 8 ? i + 1 : 8, i < 8 ? 8 : i == 8 ? 7 : 14 - i, dark);
            Set(i < 8 ? 8 : Size - 15 + i, i < 8 ? Size - 1 - i : 8, dark);
        }

        Set(Size - 8, 8, true);
        return (modules, taken);

        void Set(int row, int column, bool dark) => (modules[row, column], taken[row, column]) = (dark, true);
    }

    // 7.7.3 and 7.8: in columns of two from the right, up and down in turn, masked
    private static void Place(ReadOnlySpan<byte> bytes, bool[,] modules, bool[,] taken)
    {
        var bit = 0;
        var up = true;
        for (var right = Size - 1; right > 0; right -= 2, up = !up)
        {
            if (right == 6) right--; // the timing pattern's column
            for (var i = 0; i < Size * 2; i++)
            {
                var (row, column) = (up ? Size - 1 - i / 2 : i / 2, right - i % 2);
                if (taken[row, column]) continue;
                var dark = bit < bytes.Length * 8 && (bytes[bit / 8] >> 7 - bit % 8 & 1) == 1;
                modules[row, column] = dark ^ (row + column) % 2 == 0;
                bit++;
            }
        }
    }
}
