using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace ReferralHub.Sealing.Age;

/// <summary>
/// An age file as text, for mail and paper: PEM of the strict kind (RFC 7468, figure 3). Never on the wire. Lines of 64 characters, the
/// last one shorter or full, padded canonical base64, LF or CRLF; white space lines may stand before and after.
/// Reference: https://c2sp.org/age.
/// </summary>
public static class AgeArmor
{
    internal const int LineChars = 64;
    internal const int LineBytes = LineChars / 4 * 3;

    internal static ReadOnlySpan<byte> Begin => "-----BEGIN AGE ENCRYPTED FILE-----"u8;

    internal static ReadOnlySpan<byte> End => "-----END AGE ENCRYPTED FILE-----"u8;

    /// <summary>Whether a file is text with armor rather than an age file: its first bytes that are not white space are dashes.</summary>
    /// <param name="source">The file; must seek; read from position 0 and left there; stays the caller's.</param>
    public static bool Begins(Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        source.Position = 0;
        int first;
        do first = source.ReadByte();
        while (first is ' ' or '\t' or '\r' or '\n');
        source.Position = 0;
        return first == '-';
    }

    /// <summary>Checks the whole text, then gives the age file in it, for <see cref="AgeReader"/>. Takes memory that does not grow with it.</summary>
    /// <param name="text">The text from its first byte at position 0; must seek; read synchronously, also later; stays the caller's.</param>
    /// <param name="file">The age file, read-only and seekable, the caller's to dispose; null when false.</param>
    /// <returns>False when it is not strict armor.</returns>
    public static bool TryOpen(Stream text, [NotNullWhen(true)] out Stream? file)
    {
        ArgumentNullException.ThrowIfNull(text);
        var reader = new ArmorReader(text);
        file = reader.TryMeasure() ? reader : null;
        return file is not null;
    }

    /// <summary>A stream to write an age file to as text; disposing it ends the text.</summary>
    /// <param name="text">Where the text goes; written synchronously; stays the caller's.</param>
    public static Stream Write(Stream text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new ArmorWriter(text);
    }

    /// <summary>Decodes a line of up to 64 characters; false unless it is what encoding gives.</summary>
    internal static bool TryDecode(ReadOnlySpan<byte> line, Span<byte> bytes, out int count)
    {
        Span<byte> again = stackalloc byte[LineChars];
        return Base64.DecodeFromUtf8(line, bytes, out _, out count) == System.Buffers.OperationStatus.Done
            && Base64.EncodeToUtf8(bytes[..count], again, out _, out var length) == System.Buffers.OperationStatus.Done
            && again[..length].SequenceEqual(line);
    }
}
