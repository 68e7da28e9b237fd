using System.Security.Cryptography;
using ReferralHub.Cryptography;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Sealing.Age;

/// <summary>
/// Seals to an agency's hybrid key: <c>-> mlkem768x25519 ENC</c>, ENC an X-Wing encapsulation of 1,120 bytes, the file key under
/// HPKE. References: https://c2sp.org/age, draft-connolly-cfrg-xwing-kem. Spec: docs/protocol.md §2.3.
/// </summary>
public sealed class HybridRecipient : AgeRecipient
{
    private readonly EncryptionKey _key;

    /// <summary>Makes a recipient of a public key.</summary>
    /// <exception cref="ArgumentException">The key is of the X25519 kind.</exception>
    public HybridRecipient(EncryptionKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!key.IsPostQuantum) throw new ArgumentException("An X25519 key is sealed to as an X25519Recipient.", nameof(key));
        _key = key;
    }

    internal static ReadOnlySpan<byte> Info => "age-encryption.org/mlkem768x25519"u8;

    internal override bool IsPostQuantum => true;

    internal override AgeStanza Wrap(ReadOnlySpan<byte> fileKey)
    {
        var encapsulation = new byte[Sodium.XWingEncapsulationBytes];
        Span<byte> sharedSecret = stackalloc byte[Sodium.XWingSharedSecretBytes];
        Span<byte> key = stackalloc byte[Hpke.KeyBytes];
        Span<byte> nonce = stackalloc byte[Hpke.NonceBytes];
        if (!Sodium.TryXWingEncapsulate(_key.AsSpan(), encapsulation, sharedSecret))
            throw new InvalidOperationException("An EncryptionKey was made of bytes that encapsulation refuses.");

        Hpke.Schedule(Hpke.XWing, sharedSecret, Info, key, nonce);
        var body = FileKey.Wrap(fileKey, key, nonce);
        CryptographicOperations.ZeroMemory(sharedSecret);
        CryptographicOperations.ZeroMemory(key);
        return new AgeStanza(AgeStanza.HybridType, [CanonicalBase64.Unpadded.Encode(encapsulation)], body);
    }
}
