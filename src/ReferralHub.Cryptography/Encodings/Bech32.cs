using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace ReferralHub.Cryptography.Encodings;

/// <summary>
/// Bech32 (BIP-173) without its limit of 90 characters, as age uses it for keys.
/// One byte string under one prefix has one spelling per case; mixed case is refused.
/// Spec: docs/protocol.md §1.3.
/// </summary>
public static class Bech32
{
    private const string LowerLetters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const string UpperLetters = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
    private const int ChecksumLength = 6;

    private static readonly SearchValues<char> Lower = SearchValues.Create("abcdefghijklmnopqrstuvwxyz");

    /// <summary>Characters that <paramref name="byteCount"/> bytes take under a prefix.</summary>
    public static int EncodedLength(string prefix, int byteCount) =>
        prefix.Length + 1 + (byteCount * 8 + 4) / 5 + ChecksumLength;

    /// <summary>The spelling of <paramref name="bytes"/>, in upper case when the prefix is.</summary>
    /// <param name="prefix">The human-readable part, for example <c>age1pq</c>; all lower or all upper case.</param>
    /// <param name="bytes">What to spell; public data. A secret goes through the overload whose output can be cleared.</param>
    public static string Encode(string prefix, ReadOnlySpan<byte> bytes)
    {
        var text = new char[EncodedLength(prefix, bytes.Length)];
        Encode(prefix, bytes, text);
        return new string(text);
    }

    /// <summary>Writes the spelling of <paramref name="bytes"/> into memory that the caller owns and clears.</summary>
    /// <param name="prefix">The human-readable part; all lower or all upper case.</param>
    /// <param name="bytes">What to spell.</param>
    /// <param name="text">Exactly <see cref="EncodedLength"/> characters.</param>
    /// <exception cref="ArgumentException"><paramref name="text"/> has another length.</exception>
    public static void Encode(string prefix, ReadOnlySpan<byte> bytes, Span<char> text)
    {
        if (text.Length != EncodedLength(prefix, bytes.Length))
            throw new ArgumentException("The destination must have exactly the encoded length.", nameof(text));

        var letters = LettersLike(prefix);
        prefix.CopyTo(text);
        text[prefix.Length] = '1';
        var symbols = text[(prefix.Length + 1)..];
        var checksum = ExpandPrefix(prefix);
        int bits = 0, held = 0, at = 0;
        foreach (var b in bytes)
        {
            held = (held << 8 | b) & 0xFFF;
            for (bits += 8; bits >= 5; bits -= 5) Put(symbols, held >> (bits - 5) & 31);
        }
        if (bits > 0) Put(symbols, held << (5 - bits) & 31);
        for (var i = 0; i < ChecksumLength; i++) checksum = Step(checksum, 0);
        checksum ^= 1;
        for (var i = ChecksumLength - 1; i >= 0; i--) symbols[at++] = letters[(int)(checksum >> (5 * i)) & 31];

        void Put(Span<char> to, int symbol)
        {
            checksum = Step(checksum, symbol);
            to[at++] = letters[symbol];
        }
    }

    /// <summary>Reads a spelling; false unless <paramref name="text"/> is what Encode gives for this very prefix.</summary>
    /// <param name="prefix">The human-readable part that must stand there, in the case that must stand there.</param>
    /// <param name="text">The text to read.</param>
    /// <param name="bytes">The bytes; of a secret, the caller's to clear.</param>
    public static bool TryDecode(string prefix, ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text.Length < EncodedLength(prefix, 0) || !text.StartsWith(prefix) || text[prefix.Length] != '1') return false;

        var letters = LettersLike(prefix);
        var symbols = text[(prefix.Length + 1)..];
        var data = symbols.Length - ChecksumLength;
        var decoded = new byte[data * 5 / 8];
        var checksum = ExpandPrefix(prefix);
        int bits = 0, held = 0, at = 0;
        for (var i = 0; i < symbols.Length; i++)
        {
            var symbol = letters.IndexOf(symbols[i], StringComparison.Ordinal);
            if (symbol < 0) return Refuse(decoded);
            checksum = Step(checksum, symbol);
            if (i >= data) continue;
            held = (held << 5 | symbol) & 0xFFF;
            if ((bits += 5) < 8) continue;
            bits -= 8;
            decoded[at++] = (byte)(held >> bits & 0xFF);
        }

        // What is left over is padding: less than one symbol, and zero.
        if (checksum != 1 || bits >= 5 || (held & (1 << bits) - 1) != 0) return Refuse(decoded);
        bytes = decoded;
        return true;
    }

    private static string LettersLike(string prefix) => prefix.AsSpan().ContainsAny(Lower) ? LowerLetters : UpperLetters;

    private static bool Refuse(byte[] partial)
    {
        CryptographicOperations.ZeroMemory(partial);
        return false;
    }

    private static uint ExpandPrefix(string prefix)
    {
        var checksum = 1u;
        foreach (var c in prefix) checksum = Step(checksum, char.ToLowerInvariant(c) >> 5);
        checksum = Step(checksum, 0);
        foreach (var c in prefix) checksum = Step(checksum, char.ToLowerInvariant(c) & 31);
        return checksum;
    }

    private static uint Step(uint checksum, int symbol)
    {
        var top = checksum >> 25;
        checksum = (checksum & 0x1FFFFFF) << 5 ^ (uint)symbol;
        if ((top & 1) != 0) checksum ^= 0x3B6A57B2;
        if ((top & 2) != 0) checksum ^= 0x26508E6D;
        if ((top & 4) != 0) checksum ^= 0x1EA119FA;
        if ((top & 8) != 0) checksum ^= 0x3D4233DD;
        if ((top & 16) != 0) checksum ^= 0x2A1462B3;
        return checksum;
    }
}
