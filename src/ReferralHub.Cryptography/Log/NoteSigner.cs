using System.Buffers.Binary;
using ReferralHub.Cryptography.Statements;

namespace ReferralHub.Cryptography.Log;

/// <summary>A log or a cosigner with its private key. The key stays the caller's, who disposes it. Spec: docs/protocol.md §4.1.</summary>
public sealed class NoteSigner
{
    private readonly SigningKey _key;

    /// <summary>Gives a private key a name and a purpose.</summary>
    /// <param name="name">As for <see cref="NoteKey"/>.</param>
    /// <param name="type">What the key signs.</param>
    /// <param name="key">The private key; not disposed here.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> or <paramref name="type"/> is none.</exception>
    public NoteSigner(string name, NoteKeyType type, SigningKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        (_key, Key) = (key, new NoteKey(name, type, key.VerifyingKey));
    }

    /// <summary>The public half.</summary>
    public NoteKey Key { get; }

    internal NoteSignature Sign(ReadOnlySpan<byte> text) => new(Key.Name, Key.Id, _key.Sign(text));

    internal NoteSignature Cosign(ReadOnlySpan<byte> text, DateTimeOffset time)
    {
        var seconds = time.ToUnixTimeSeconds();
        var value = new byte[Cosignature.Size];
        BinaryPrimitives.WriteInt64BigEndian(value, seconds);
        _key.Sign(Cosignature.Message(seconds, text)).CopyTo(value, sizeof(long));
        return new(Key.Name, Key.Id, value);
    }

    /// <summary>The public half's verifier key.</summary>
    public override string ToString() => $"private half of {Key}";
}
