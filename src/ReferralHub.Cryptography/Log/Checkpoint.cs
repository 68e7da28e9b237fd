using System.Diagnostics.CodeAnalysis;
using System.Text;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Cryptography.Log;

/// <summary>
/// The state of a log: <c>origin LF size LF base64(root) LF</c> (C2SP tlog-checkpoint; no extension lines).
/// Spec: docs/protocol.md §4.1.
/// </summary>
/// <param name="Origin">The log's name, of the form of a <see cref="NoteKey.Name"/>.</param>
/// <param name="Size">The number of leaves.</param>
/// <param name="Root">The root over them.</param>
public sealed record Checkpoint(string Origin, long Size, Digest Root)
{
    /// <summary>The text that a log signs.</summary>
    /// <exception cref="InvalidOperationException">The origin is no name, the size is negative, or it is 0 and the root not the empty one.</exception>
    public byte[] ToText() => IsWellFormed
        ? Encoding.ASCII.GetBytes($"{Origin}\n{CanonicalDecimal.Format(Size)}\n{CanonicalBase64.Padded.Encode(Root.AsSpan())}\n")
        : throw new InvalidOperationException($"No log has the state {this}.");

    /// <summary>Reads a text; false unless it has the one allowed spelling.</summary>
    /// <param name="text">Bytes from anywhere; a note's text without its signatures.</param>
    /// <param name="checkpoint">The state, or null when false.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out Checkpoint? checkpoint)
    {
        checkpoint = null;
        var lines = new Lines(text);
        if (!lines.TryRead(out var origin)
            || !lines.TryRead(out var size)
            || !lines.TryRead(out var root)
            || !lines.Rest.IsEmpty
            || !CanonicalDecimal.TryParse(size, out var leaves)
            || !CanonicalBase64.Padded.TryDecode(root, out var hash)
            || hash.Length != Digest.Size)
        {
            return false;
        }

        var read = new Checkpoint(Encoding.UTF8.GetString(origin), leaves, Digest.From(hash));
        if (!read.IsWellFormed) return false;
        checkpoint = read;
        return true;
    }

    private bool IsWellFormed => NoteKey.IsName(Origin) && Size >= 0 && (Size > 0 || Root == MerkleTree.EmptyRoot);
}
