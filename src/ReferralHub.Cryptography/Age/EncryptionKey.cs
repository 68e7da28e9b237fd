using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Cryptography.Age;

/// <summary>
/// The public key that envelopes to an agency are sealed to: hybrid post-quantum X-Wing (ML-KEM-768 and X25519), 1,216 bytes,
/// written <c>age1pq1…</c>. It is public data; sealing to it needs ReferralHub.Sealing.
/// References: draft-connolly-cfrg-xwing-kem, https://c2sp.org/age. Spec: docs/protocol.md §2.1, §2.3.
/// </summary>
public sealed class EncryptionKey : IEquatable<EncryptionKey>
{
    /// <summary>The length of a key in bytes.</summary>
    public const int Size = Sodium.XWingPublicKeyBytes;

    private const string Prefix = "age1pq";

    private readonly byte[] _raw;

    private EncryptionKey(byte[] raw) => _raw = raw;

    /// <summary>SHA-256 of the 1,216 bytes: a short name for the key, in records and in comparisons.</summary>
    public Digest Fingerprint => Digest.Of(_raw);

    /// <summary>Takes a raw key; false unless it is 1,216 bytes that encapsulation accepts.</summary>
    /// <param name="raw">Bytes from anywhere; copied.</param>
    /// <param name="key">The key, or null when false.</param>
    public static bool TryImport(ReadOnlySpan<byte> raw, [NotNullWhen(true)] out EncryptionKey? key)
    {
        key = null;
        if (raw.Length != Size) return false;

        Span<byte> encapsulation = stackalloc byte[Sodium.XWingEncapsulationBytes];
        Span<byte> sharedSecret = stackalloc byte[Sodium.XWingSharedSecretBytes];
        var usable = Sodium.TryXWingEncapsulate(raw, encapsulation, sharedSecret);
        CryptographicOperations.ZeroMemory(sharedSecret);
        if (usable) key = new EncryptionKey(raw.ToArray());
        return usable;
    }

    /// <summary>Reads the <c>age1pq1…</c> form, lower case; false for another spelling or a key that encapsulation refuses.</summary>
    /// <param name="text">Text from anywhere, also null.</param>
    /// <param name="key">The key, or null when false.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out EncryptionKey? key)
    {
        key = null;
        return text is not null && Bech32.TryDecode(Prefix, text, out var raw) && TryImport(raw, out key);
    }

    /// <summary>A new array with the 1,216 bytes.</summary>
    public byte[] ToArray() => _raw.AsSpan().ToArray();

    /// <inheritdoc/>
    public bool Equals(EncryptionKey? other) => other is not null && _raw.AsSpan().SequenceEqual(other._raw);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as EncryptionKey);

    /// <inheritdoc/>
    public override int GetHashCode() => Fingerprint.GetHashCode();

    /// <summary>The <c>age1pq1…</c> form, 1,959 characters.</summary>
    public override string ToString() => Bech32.Encode(Prefix, _raw);

    internal ReadOnlySpan<byte> AsSpan() => _raw;
}
