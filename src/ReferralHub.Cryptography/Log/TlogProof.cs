using System.Diagnostics.CodeAnalysis;
using System.Text;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Cryptography.Log;

/// <summary>
/// A receipt that anyone can check offline: a leaf's position, its inclusion proof and a signed checkpoint
/// (<c>c2sp.org/tlog-proof@v1</c>, without the unauthenticated <c>extra</c> line). Spec: docs/protocol.md §4.6.
/// </summary>
public sealed class TlogProof
{
    /// <summary>The longest receipt in bytes.</summary>
    public const int MaxSize = SignedCheckpoint.MaxSize + 4096;

    // A tree of less than 2^63 leaves is no higher.
    private const int MaxHashes = 63;

    private TlogProof(long index, IReadOnlyList<Digest> hashes, byte[] note) => (Index, Hashes, Note) = (index, hashes, note);

    /// <summary>The leaf's position, from 0.</summary>
    public long Index { get; }

    /// <summary>The inclusion proof, from the leaf's sibling up; at most 63 hashes.</summary>
    public IReadOnlyList<Digest> Hashes { get; }

    /// <summary>The checkpoint's note, not checked: <see cref="TryVerify"/> opens it.</summary>
    public ReadOnlyMemory<byte> Note { get; }

    /// <summary>Makes the receipt of a leaf.</summary>
    /// <param name="index">The leaf's position.</param>
    /// <param name="hashes">Its inclusion proof in the tree of <paramref name="checkpoint"/>.</param>
    /// <param name="checkpoint">The checkpoint that covers it.</param>
    /// <exception cref="ArgumentException">The tree has no such leaf, or a proof there is never that long.</exception>
    public static TlogProof From(long index, IReadOnlyList<Digest> hashes, SignedCheckpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(hashes);
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (index < 0 || index >= checkpoint.Checkpoint.Size)
            throw new ArgumentException($"{checkpoint.Checkpoint} has no leaf {index}.", nameof(index));
        if (hashes.Count > MaxHashes) throw new ArgumentException($"{hashes.Count} hashes are no proof.", nameof(hashes));

        return new(index, [.. hashes], checkpoint.Bytes.ToArray());
    }

    /// <summary>Reads a receipt; false unless it has the one allowed spelling. Checks neither signature nor proof.</summary>
    /// <param name="bytes">Bytes from anywhere; copied.</param>
    /// <param name="proof">The receipt, or null when false.</param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TlogProof? proof)
    {
        proof = null;
        var lines = new Lines(bytes);
        if (bytes.Length > MaxSize
            || !lines.TryRead(out var version)
            || !version.SequenceEqual("c2sp.org/tlog-proof@v1"u8)
            || !lines.TryRead(out var position)
            || !position.StartsWith("index "u8)
            || !CanonicalDecimal.TryParse(position["index ".Length..], out var index))
        {
            return false;
        }

        var hashes = new List<Digest>();
        while (true)
        {
            if (!lines.TryRead(out var line)) return false;
            if (line.IsEmpty) break;
            if (hashes.Count == MaxHashes
                || !CanonicalBase64.Padded.TryDecode(line, out var hash)
                || hash.Length != Digest.Size)
            {
                return false;
            }
            hashes.Add(Digest.From(hash));
        }

        proof = new(index, hashes, lines.Rest.ToArray());
        return true;
    }

    /// <summary>Whether the leaf is in the log: opens the checkpoint and checks the inclusion proof against its root.</summary>
    /// <param name="leaf">The leaf's hash (<see cref="MerkleTree.LeafHash"/>).</param>
    /// <param name="log">The log's key.</param>
    /// <param name="cosigners">As for <see cref="SignedCheckpoint.TryOpen"/>.</param>
    /// <param name="checkpoint">The checkpoint that covers the leaf, or null when false.</param>
    /// <exception cref="ArgumentException"><paramref name="log"/> is a cosigner's key, or a cosigner's key a log's.</exception>
    public bool TryVerify(
        Digest leaf, NoteKey log, IEnumerable<NoteKey> cosigners, [NotNullWhen(true)] out SignedCheckpoint? checkpoint)
    {
        if (SignedCheckpoint.TryOpen(Note.Span, log, cosigners, out checkpoint)
            && MerkleTree.VerifyInclusion(Index, checkpoint.Checkpoint.Size, leaf, Hashes, checkpoint.Checkpoint.Root))
        {
            return true;
        }

        checkpoint = null;
        return false;
    }

    /// <summary>A new array with the receipt's bytes: the content of a <c>.tlog-proof</c> file.</summary>
    public byte[] ToArray()
    {
        var head = new StringBuilder($"c2sp.org/tlog-proof@v1\nindex {CanonicalDecimal.Format(Index)}\n");
        foreach (var hash in Hashes) head.Append(CanonicalBase64.Padded.Encode(hash.AsSpan())).Append('\n');
        return [.. Encoding.ASCII.GetBytes(head.Append('\n').ToString()), .. Note.Span];
    }
}
