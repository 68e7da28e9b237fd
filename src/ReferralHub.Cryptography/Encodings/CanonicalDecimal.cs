using System.Globalization;

namespace ReferralHub.Cryptography.Encodings;

/// <summary>A non-negative number in ASCII decimal without sign, space or leading zero. Spec: docs/protocol.md §4.1.</summary>
internal static class CanonicalDecimal
{
    /// <summary>Reads a number up to 2^63 - 1; false for any other spelling.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)
        && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9') // the framework overlooks zero bytes behind a number
        && (text[0] != '0' || text.Length == 1);

    public static string Format(long value) => value.ToString(CultureInfo.InvariantCulture);
}
