using System.Security.Cryptography;
using NSec.Cryptography;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Sealing.Age;

/// <summary>
/// Seals to an X25519 key: <c>-> X25519 SHARE</c>, SHARE a fresh public key of 32 bytes, the file key under what HKDF-SHA256 makes
/// of both public keys and their shared secret. References: https://c2sp.org/age, RFC 7748. Spec: docs/protocol.md §2.3.
/// </summary>
public sealed class X25519Recipient : AgeRecipient
{
    private readonly EncryptionKey _key;

    /// <summary>Makes a recipient of a public key.</summary>
    /// <exception cref="ArgumentException">The key is of the hybrid kind.</exception>
    public X25519Recipient(EncryptionKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.IsPostQuantum) throw new ArgumentException("A hybrid key is sealed to as a HybridRecipient.", nameof(key));
        _key = key;
    }

    internal override bool IsPostQuantum => false;

    /// <summary>
    /// Agrees on a key; false when the other side's is of low order, so that the secret is all zero.
    /// <paramref name="recipient"/> is the recipient's key as it was received: on import its unused top bit is lost.
    /// </summary>
    internal static bool TryDeriveKey(
        Key own, ReadOnlySpan<byte> other, ReadOnlySpan<byte> share, ReadOnlySpan<byte> recipient, Span<byte> key)
    {
        using var secret = KeyAgreementAlgorithm.X25519.Agree(
            own, PublicKey.Import(KeyAgreementAlgorithm.X25519, other, KeyBlobFormat.RawPublicKey));
        if (secret is null) return false;
        KeyDerivationAlgorithm.HkdfSha256.DeriveBytes(secret, [.. share, .. recipient], "age-encryption.org/v1/X25519"u8, key);
        return true;
    }

    internal override AgeStanza Wrap(ReadOnlySpan<byte> fileKey)
    {
        using var ephemeral = Key.Create(KeyAgreementAlgorithm.X25519);
        var share = ephemeral.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        Span<byte> key = stackalloc byte[FileKey.WrapKeyBytes];
        if (!TryDeriveKey(ephemeral, _key.AsSpan(), share, _key.AsSpan(), key))
            throw new InvalidOperationException("An EncryptionKey was made of bytes of low order.");

        var body = FileKey.Wrap(fileKey, key, nonce: new byte[FileKey.NonceBytes]);
        CryptographicOperations.ZeroMemory(key);
        return new AgeStanza(AgeStanza.X25519Type, [CanonicalBase64.Unpadded.Encode(share)], body);
    }
}
