using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using NSec.Cryptography;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Cryptography.Age;

/// <summary>
/// The public key that envelopes to an agency are sealed to. It is public data; sealing to it needs ReferralHub.Sealing. Two kinds:
/// hybrid post-quantum X-Wing (ML-KEM-768 and X25519), 1,216 bytes, written <c>age1pq1…</c>; and X25519 alone (RFC 7748), 32 bytes,
/// written <c>age1…</c>, of an agency that says so that it has nothing better.
/// References: draft-connolly-cfrg-xwing-kem, https://c2sp.org/age. Spec: docs/protocol.md §2.1, §2.3.
/// </summary>
public sealed class EncryptionKey : IEquatable<EncryptionKey>
{
    /// <summary>The length of a hybrid key in bytes.</summary>
    public const int HybridSize = Sodium.XWingPublicKeyBytes;

    /// <summary>The length of an X25519 key in bytes.</summary>
    public const int X25519Size = 32;

    private const string HybridPrefix = "age1pq";
    private const string X25519Prefix = "age";

    private readonly byte[] _raw;

    private EncryptionKey(byte[] raw) => _raw = raw;

    /// <summary>SHA-256 of the raw key: a short name for it, in records and in comparisons.</summary>
    public Digest Fingerprint => Digest.Of(_raw);

    /// <summary>Whether what is sealed to it stays sealed when there are quantum computers: the hybrid kind.</summary>
    public bool IsPostQuantum => _raw.Length == HybridSize;

    /// <summary>The type of the age stanza that is made for this key, <see cref="AgeStanza.HybridType"/> or <see cref="AgeStanza.X25519Type"/>.</summary>
    public string StanzaType => IsPostQuantum ? AgeStanza.HybridType : AgeStanza.X25519Type;

    private string Prefix => IsPostQuantum ? HybridPrefix : X25519Prefix;

    /// <summary>
    /// Takes a raw key, whose length tells its kind; false unless something can be sealed to it: encapsulation must accept a
    /// hybrid key, and an X25519 key must not be of low order.
    /// </summary>
    /// <param name="raw">Bytes from anywhere; copied as they are.</param>
    /// <param name="key">The key, or null when false.</param>
    public static bool TryImport(ReadOnlySpan<byte> raw, [NotNullWhen(true)] out EncryptionKey? key)
    {
        var usable = raw.Length switch
        {
            HybridSize => Encapsulates(raw),
            X25519Size => Agrees(raw),
            _ => false,
        };
        key = usable ? new EncryptionKey(raw.ToArray()) : null;
        return usable;
    }

    /// <summary>Reads the <c>age1pq1…</c> or <c>age1…</c> form, lower case; false for another spelling or a key that nothing can be sealed to.</summary>
    /// <param name="text">Text from anywhere, also null.</param>
    /// <param name="key">The key, or null when false.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out EncryptionKey? key)
    {
        key = null;
        return text is not null
            && ((Bech32.TryDecode(HybridPrefix, text, out var raw) && raw.Length == HybridSize)
                || (Bech32.TryDecode(X25519Prefix, text, out raw) && raw.Length == X25519Size))
            && TryImport(raw, out key);
    }

    /// <summary>A new array with the raw key.</summary>
    public byte[] ToArray() => _raw.AsSpan().ToArray();

    /// <inheritdoc/>
    public bool Equals(EncryptionKey? other) => other is not null && _raw.AsSpan().SequenceEqual(other._raw);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as EncryptionKey);

    /// <inheritdoc/>
    public override int GetHashCode() => Fingerprint.GetHashCode();

    /// <summary>The <c>age1pq1…</c> form, 1,959 characters, or the <c>age1…</c> form, 62.</summary>
    public override string ToString() => Bech32.Encode(Prefix, _raw);

    internal ReadOnlySpan<byte> AsSpan() => _raw;

    private static bool Encapsulates(ReadOnlySpan<byte> raw)
    {
        Span<byte> encapsulation = stackalloc byte[Sodium.XWingEncapsulationBytes];
        Span<byte> sharedSecret = stackalloc byte[Sodium.XWingSharedSecretBytes];
        var usable = Sodium.TryXWingEncapsulate(raw, encapsulation, sharedSecret);
        CryptographicOperations.ZeroMemory(sharedSecret);
        return usable;
    }

    private static bool Agrees(ReadOnlySpan<byte> raw)
    {
        using var any = Key.Create(KeyAgreementAlgorithm.X25519);
        using var secret = KeyAgreementAlgorithm.X25519.Agree(
            any, PublicKey.Import(KeyAgreementAlgorithm.X25519, raw, KeyBlobFormat.RawPublicKey));
        return secret is not null;
    }
}
