using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ReferralHub.Cryptography.Encodings;

/// <summary>
/// Base64 in which one byte string has exactly one spelling (RFC 4648 §3.5).
/// The framework's decoders accept white space and non-zero tail bits, so a decoded text counts
/// only when encoding it again gives the same text. Spec: docs/protocol.md §1.3.
/// </summary>
public sealed class CanonicalBase64
{
    private const string Standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// <summary>Standard alphabet, no padding: age.</summary>
    public static CanonicalBase64 Unpadded { get; } = new(Standard, padded: false);

    /// <summary>Standard alphabet, padded: notes, checkpoints and proofs.</summary>
    public static CanonicalBase64 Padded { get; } = new(Standard, padded: true);

    /// <summary>URL alphabet, no padding: statements.</summary>
    public static CanonicalBase64 Url { get; } = new(Standard.Replace('+', '-').Replace('/', '_'), padded: false);

    private readonly SearchValues<byte> _letters;
    private readonly bool _url;
    private readonly bool _padded;

    private CanonicalBase64(string alphabet, bool padded)
    {
        _letters = SearchValues.Create(Encoding.ASCII.GetBytes(alphabet + (padded ? "=" : "")));
        _url = alphabet.Contains('-', StringComparison.Ordinal);
        _padded = padded;
    }

    /// <summary>The one spelling of <paramref name="bytes"/>.</summary>
    public string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = Convert.ToBase64String(bytes);
        if (!_padded) text = text.TrimEnd('=');
        return _url ? text.Replace('+', '-').Replace('/', '_') : text;
    }

    /// <summary>Reads a spelling; false unless <paramref name="text"/> is what <see cref="Encode"/> gives.</summary>
    public bool TryDecode(ReadOnlySpan<byte> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text.ContainsAnyExcept(_letters)) return false;

        var standard = Encoding.ASCII.GetString(text);
        if (_url) standard = standard.Replace('-', '+').Replace('_', '/');
        if (!_padded) standard = standard.PadRight((standard.Length + 3) / 4 * 4, '=');

        var decoded = new byte[standard.Length / 4 * 3];
        if (!Convert.TryFromBase64String(standard, decoded, out var length)) return false;
        Array.Resize(ref decoded, length);
        if (Convert.ToBase64String(decoded) != standard) return false;
        bytes = decoded;
        return true;
    }

    /// <inheritdoc cref="TryDecode(ReadOnlySpan{byte}, out byte[])"/>
    public bool TryDecode(string text, [NotNullWhen(true)] out byte[]? bytes) =>
        TryDecode(Encoding.ASCII.GetBytes(text), out bytes); // what is not ASCII becomes a question mark, which is no letter
}
