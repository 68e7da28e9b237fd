using System.Diagnostics.CodeAnalysis;

namespace ReferralHub.Cryptography.Log;

/// <summary>
/// A checkpoint that its log has signed, with the cosignatures of those cosigners that the reader knows. An instance exists
/// only when the log's signature and each of those has been checked. Spec: docs/protocol.md §4.1.
/// </summary>
public sealed class SignedCheckpoint
{
    /// <summary>The longest note in bytes.</summary>
    public const int MaxSize = Note.MaxSize;

    /// <summary>The most signatures that a note may bear, known and unknown together.</summary>
    public const int MaxSignatures = Note.MaxSignatures;

    private readonly Note _note;

    private SignedCheckpoint(Checkpoint checkpoint, Note note, IReadOnlyList<Cosignature> cosignatures)
    {
        (Checkpoint, _note, Cosignatures) = (checkpoint, note, cosignatures);
        Bytes = note.ToArray();
    }

    /// <summary>What the log signed.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The whole note, at most <see cref="MaxSize"/> bytes: what is published and kept.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The cosignatures of known cosigners, at most one of each, in the note's order.</summary>
    public IReadOnlyList<Cosignature> Cosignatures { get; }

    /// <summary>Signs a log's state. The caller has made every tile of it durable before.</summary>
    /// <param name="checkpoint">The state; its origin is the signer's name.</param>
    /// <param name="log">The log's key.</param>
    /// <exception cref="ArgumentException"><paramref name="log"/> is a cosigner, or not the one of that origin.</exception>
    /// <exception cref="InvalidOperationException">No log has that state.</exception>
    public static SignedCheckpoint Sign(Checkpoint checkpoint, NoteSigner log)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(log);
        Require(log.Key, NoteKeyType.Log);
        if (log.Key.Name != checkpoint.Origin)
            throw new ArgumentException($"{log.Key.Name} does not sign for {checkpoint.Origin}.", nameof(log));

        var text = checkpoint.ToText();
        return new(checkpoint, new(text, [log.Sign(text)]), []);
    }

    /// <summary>
    /// Opens a note; false unless it is a well-formed checkpoint with a signature of <paramref name="log"/>, and no signature
    /// of a known key is bad or there twice. Signatures of unknown keys are kept in <see cref="Bytes"/> and say nothing.
    /// </summary>
    /// <param name="note">Bytes from anywhere; copied.</param>
    /// <param name="log">The log's key; its name is the origin that the checkpoint must bear.</param>
    /// <param name="cosigners">The cosigners that the reader knows; may be empty. None has to have signed.</param>
    /// <param name="opened">The checkpoint, or null when false.</param>
    /// <exception cref="ArgumentException"><paramref name="log"/> is a cosigner's key, or a cosigner's key a log's.</exception>
    public static bool TryOpen(
        ReadOnlySpan<byte> note,
        NoteKey log,
        IEnumerable<NoteKey> cosigners,
        [NotNullWhen(true)] out SignedCheckpoint? opened)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(cosigners);
        Require(log, NoteKeyType.Log);

        opened = null;
        if (!Note.TryParse(note, out var parsed)
            || !Checkpoint.TryParse(parsed.Text, out var checkpoint)
            || checkpoint.Origin != log.Name
            || !parsed.TryFind(log, out var own)
            || own is null
            || !log.Key.Verifies(parsed.Text, own.Value))
        {
            return false;
        }

        var cosignatures = new List<Cosignature>();
        foreach (var cosigner in cosigners)
        {
            Require(cosigner, NoteKeyType.Cosigner);
            if (!parsed.TryFind(cosigner, out var claim)) return false;
            if (claim is null) continue;
            if (Cosignature.Open(cosigner, parsed.Text, claim.Value) is not { } cosignature) return false;
            cosignatures.Add(cosignature);
        }

        opened = new(checkpoint, parsed, cosignatures);
        return true;
    }

    /// <summary>The same checkpoint with one more cosignature, which replaces an older one by the same cosigner.</summary>
    /// <param name="cosigner">
    /// Who signs that this is the newest consistent checkpoint it has seen; whether it is, the caller has checked.
    /// </param>
    /// <param name="time">Now; the cosignature has whole seconds.</param>
    /// <exception cref="ArgumentException"><paramref name="cosigner"/> is a log's key, or <paramref name="time"/> lies before 1970.</exception>
    /// <exception cref="InvalidOperationException">The note already bears <see cref="MaxSignatures"/>.</exception>
    public SignedCheckpoint Cosign(NoteSigner cosigner, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(cosigner);
        Require(cosigner.Key, NoteKeyType.Cosigner);
        if (time < DateTimeOffset.UnixEpoch) throw new ArgumentException("Cosignatures begin in 1970.", nameof(time));

        var others = _note.Signatures.Where(signature => !signature.IsOf(cosigner.Key)).ToList();
        if (others.Count == MaxSignatures) throw new InvalidOperationException("The note bears no more signatures.");

        var value = cosigner.Cosign(_note.Text, time);
        var cosignature = new Cosignature(cosigner.Key, DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds()));
        return new(
            Checkpoint,
            _note with { Signatures = [.. others, value] },
            [.. Cosignatures.Where(other => !other.Key.Equals(cosigner.Key)), cosignature]);
    }

    private static void Require(NoteKey key, NoteKeyType type)
    {
        if (key.Type != type) throw new ArgumentException($"{key} is not a {type} key.", nameof(key));
    }
}
