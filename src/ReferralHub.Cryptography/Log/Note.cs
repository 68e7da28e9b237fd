using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Cryptography.Log;

/// <summary>
/// A text and the signatures under it (C2SP signed-note), not yet checked. Internal, because an unchecked text is not to
/// be used: <see cref="SignedCheckpoint"/> is what callers open. Spec: docs/protocol.md §4.1.
/// </summary>
internal sealed record Note(byte[] Text, IReadOnlyList<NoteSignature> Signatures)
{
    public const int MaxSize = 1_000_000;
    public const int MaxSignatures = 100;

    // All below U+0020 but LF.
    private static readonly SearchValues<byte> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Where(code => code != '\n').Select(code => (byte)code)]);

    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Note? note)
    {
        note = null;
        if (bytes.Length > MaxSize || !Utf8.IsValid(bytes) || bytes.ContainsAny(Controls)) return false;

        // The last empty line divides; the text keeps its own last LF.
        var blank = bytes.LastIndexOf("\n\n"u8);
        if (blank < 0) return false;

        var signatures = new List<NoteSignature>();
        var lines = new Lines(bytes[(blank + 2)..]);
        while (lines.TryRead(out var line))
        {
            if (signatures.Count == MaxSignatures || !NoteSignature.TryParse(line, out var signature)) return false;
            signatures.Add(signature);
        }

        if (!lines.Rest.IsEmpty || signatures.Count == 0) return false;
        note = new(bytes[..(blank + 1)].ToArray(), signatures);
        return true;
    }

    /// <summary>The signature that claims to be by <paramref name="key"/>; null for none; false when there are several.</summary>
    public bool TryFind(NoteKey key, out NoteSignature? signature)
    {
        var claimed = Signatures.Where(other => other.IsOf(key)).Take(2).ToList();
        signature = claimed.FirstOrDefault();
        return claimed.Count < 2;
    }

    public byte[] ToArray() =>
        [.. Text, (byte)'\n', .. Signatures.SelectMany(signature => Encoding.UTF8.GetBytes(signature + "\n"))];
}

/// <summary>One signature line: <c>— NAME BASE64(key id || value)</c>.</summary>
internal sealed record NoteSignature(string Name, uint KeyId, byte[] Value)
{
    private const string Dash = "— ";

    public static bool TryParse(ReadOnlySpan<byte> line, [NotNullWhen(true)] out NoteSignature? signature)
    {
        signature = null;
        if (Encoding.UTF8.GetString(line).Split(' ') is not ["—", var name, var base64]
            || name.Length == 0
            || name.Contains('+', StringComparison.Ordinal)
            || name.Any(char.IsWhiteSpace)
            || !CanonicalBase64.Padded.TryDecode(base64, out var decoded)
            || decoded.Length <= sizeof(uint))
        {
            return false;
        }

        signature = new(name, BinaryPrimitives.ReadUInt32BigEndian(decoded), decoded[sizeof(uint)..]);
        return true;
    }

    public bool IsOf(NoteKey key) => KeyId == key.Id && Name == key.Name;

    public override string ToString()
    {
        var signature = new byte[sizeof(uint) + Value.Length];
        BinaryPrimitives.WriteUInt32BigEndian(signature, KeyId);
        Value.CopyTo(signature, sizeof(uint));
        return Dash + Name + " " + CanonicalBase64.Padded.Encode(signature);
    }
}
