using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Cryptography.Age;

/// <summary>
/// The header of an age v1 file: who can open it, and the MAC over that. Bytes in, bytes out; nothing here opens anything.
/// A header has one spelling, so what was read is what <see cref="ToBytes"/> writes.
/// References: https://c2sp.org/age; docs/protocol.md §2.1.
/// </summary>
public sealed class AgeHeader
{
    private const int ColumnsPerLine = 64;
    private const int MacBytes = 32;

    private static readonly SearchValues<byte> Printable =
        SearchValues.Create([.. Enumerable.Range(0x21, 0x7E - 0x21 + 1).Select(c => (byte)c)]);

    /// <summary>Describes a header.</summary>
    /// <param name="stanzas">One or more.</param>
    /// <param name="mac">HMAC-SHA-256 over <see cref="MacInput"/>, 32 bytes.</param>
    public AgeHeader(IReadOnlyList<AgeStanza> stanzas, ReadOnlyMemory<byte> mac) => (Stanzas, Mac) = (stanzas, mac);

    /// <summary>One or more, in the file's order.</summary>
    public IReadOnlyList<AgeStanza> Stanzas { get; }

    /// <summary>HMAC-SHA-256 over <see cref="MacInput"/> under a key that only an opener can derive, 32 bytes.</summary>
    public ReadOnlyMemory<byte> Mac { get; }

    private static ReadOnlySpan<byte> VersionLine => "age-encryption.org/v1\n"u8;

    /// <summary>
    /// Whether a file begins with a header that the wire allows: within <see cref="AgeLimits.Wire"/>, its one stanza of
    /// <see cref="AgeStanza.HybridType"/> or <see cref="AgeStanza.X25519Type"/>.
    /// </summary>
    /// <param name="prefix">The file's first bytes, 128 KiB of it or all; a shorter prefix that cuts the header is refused.</param>
    /// <param name="header">The header.</param>
    /// <param name="consumed">Length of the header in bytes; the payload begins there.</param>
    public static bool TryParse(ReadOnlySpan<byte> prefix, [NotNullWhen(true)] out AgeHeader? header, out int consumed)
    {
        _ = Read(prefix, AgeLimits.Wire, out header, out consumed);
        if (header is { Stanzas: [{ Type: AgeStanza.HybridType or AgeStanza.X25519Type }] }) return true;
        (header, consumed) = (null, 0);
        return false;
    }

    /// <summary>Reads the header at the beginning of a file of which maybe only the first bytes are here.</summary>
    /// <param name="prefix">The file's first bytes.</param>
    /// <param name="limits">What to accept.</param>
    /// <param name="header">The header when it is complete, else null.</param>
    /// <param name="consumed">Length of the header in bytes when it is complete, else 0.</param>
    public static AgeHeaderStatus Read(ReadOnlySpan<byte> prefix, AgeLimits limits, out AgeHeader? header, out int consumed)
    {
        header = null;
        consumed = 0;
        var allowed = prefix[..Math.Min(prefix.Length, limits.HeaderBytes)];
        var lines = new Lines(allowed);
        var status = Read(ref lines, limits, out header);
        if (status == AgeHeaderStatus.Complete) consumed = allowed.Length - lines.Rest.Length;
        return status == AgeHeaderStatus.Incomplete && allowed.Length == limits.HeaderBytes
            ? AgeHeaderStatus.Malformed
            : status;
    }

    /// <summary>The bytes under the MAC: everything up to and including the three dashes.</summary>
    public byte[] MacInput()
    {
        var text = new StringBuilder(Encoding.ASCII.GetString(VersionLine));
        foreach (var stanza in Stanzas)
        {
            text.Append("-> ").AppendJoin(' ', [stanza.Type, .. stanza.Args]).Append('\n');
            var body = CanonicalBase64.Unpadded.Encode(stanza.Body.Span);
            // The last line is always a short one, so a body that fills its lines ends with an empty line.
            for (var at = 0; at <= body.Length; at += ColumnsPerLine)
                text.Append(body.AsSpan(at, Math.Min(ColumnsPerLine, body.Length - at))).Append('\n');
        }

        return Encoding.ASCII.GetBytes(text.Append("---").ToString());
    }

    /// <summary>The header as it stands in the file.</summary>
    public byte[] ToBytes() => [.. MacInput(), .. Encoding.ASCII.GetBytes($" {CanonicalBase64.Unpadded.Encode(Mac.Span)}\n")];

    private static AgeHeaderStatus Read(ref Lines lines, AgeLimits limits, out AgeHeader? header)
    {
        header = null;
        var status = ReadVersion(ref lines);
        if (status != AgeHeaderStatus.Complete) return status;

        var stanzas = new List<AgeStanza>();
        while (true)
        {
            if (!lines.TryRead(out var line)) return AgeHeaderStatus.Incomplete;
            if (stanzas.Count > 0 && TryReadMac(line, out var mac))
            {
                header = new AgeHeader(stanzas, mac);
                return AgeHeaderStatus.Complete;
            }

            if (stanzas.Count == limits.Stanzas || !TryReadArguments(line, limits, out var arguments))
                return AgeHeaderStatus.Malformed;
            status = ReadBody(ref lines, out var body);
            if (status != AgeHeaderStatus.Complete) return status;
            stanzas.Add(new AgeStanza(arguments[0], arguments[1..], body));
        }
    }

    // A file of another kind is refused at its first strange byte, not only once the limit is reached.
    private static AgeHeaderStatus ReadVersion(ref Lines lines)
    {
        var start = lines.Rest[..Math.Min(lines.Rest.Length, VersionLine.Length)];
        if (!VersionLine.StartsWith(start)) return AgeHeaderStatus.Malformed;
        return lines.TryRead(out _) ? AgeHeaderStatus.Complete : AgeHeaderStatus.Incomplete;
    }

    private static bool TryReadMac(ReadOnlySpan<byte> line, [NotNullWhen(true)] out byte[]? mac)
    {
        mac = null;
        return line.StartsWith("--- "u8) && CanonicalBase64.Unpadded.TryDecode(line[4..], out mac) && mac.Length == MacBytes;
    }

    private static bool TryReadArguments(
        ReadOnlySpan<byte> line, AgeLimits limits, [NotNullWhen(true)] out string[]? arguments)
    {
        arguments = null;
        if (!line.StartsWith("-> "u8)) return false;
        var list = line[3..];
        if (list.Count((byte)' ') > limits.Args) return false;
        foreach (var range in list.Split((byte)' '))
        {
            if (list[range].IsEmpty || list[range].ContainsAnyExcept(Printable)) return false;
        }

        arguments = Encoding.ASCII.GetString(list).Split(' ');
        return true;
    }

    private static AgeHeaderStatus ReadBody(ref Lines lines, out byte[] body)
    {
        body = [];
        var text = new ArrayBufferWriter<byte>();
        while (true)
        {
            if (!lines.TryRead(out var line)) return AgeHeaderStatus.Incomplete;
            if (line.Length > ColumnsPerLine) return AgeHeaderStatus.Malformed;
            text.Write(line);
            if (line.Length == ColumnsPerLine) continue;
            if (!CanonicalBase64.Unpadded.TryDecode(text.WrittenSpan, out var decoded)) return AgeHeaderStatus.Malformed;
            body = decoded;
            return AgeHeaderStatus.Complete;
        }
    }
}
