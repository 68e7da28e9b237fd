using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using ReferralHub.Cryptography;
using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Sealing.Age;

/// <summary>
/// The private half of a hybrid key: an X-Wing seed of 32 bytes, written <c>AGE-SECRET-KEY-PQ-1…</c>, upper case.
/// Spec: docs/protocol.md §2.1, §2.3.
/// </summary>
public sealed class HybridIdentity : KeyIdentity
{
    private const string SecretPrefix = "AGE-SECRET-KEY-PQ-";

    private HybridIdentity(SecretBytes seed)
        : base(seed, PublicKeyOf(seed))
    {
    }

    private protected override string Prefix => SecretPrefix;

    /// <summary>Draws a new identity.</summary>
    public static HybridIdentity Create() => new(SecretBytes.Random(SecretSize));

    /// <summary>Imports an identity.</summary>
    /// <param name="seed">32 bytes from a cryptographic random source; copied. The caller clears them.</param>
    /// <exception cref="ArgumentException"><paramref name="seed"/> is not 32 bytes long.</exception>
    public static HybridIdentity Import(ReadOnlySpan<byte> seed) => new(Copy(seed));

    /// <summary>Reads the <c>AGE-SECRET-KEY-PQ-1…</c> form; false for any other spelling.</summary>
    /// <param name="text">Text from anywhere; the caller clears it.</param>
    /// <param name="identity">The identity, the caller's to dispose, or null when false.</param>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out HybridIdentity? identity)
    {
        identity = TryDecode(SecretPrefix, text, out var seed) ? new HybridIdentity(seed) : null;
        return identity is not null;
    }

    private protected override AgeFault? Unwrap(AgeStanza stanza, Span<byte> fileKey)
    {
        if (!TryReadShare(stanza, Sodium.XWingEncapsulationBytes, out var encapsulation)) return AgeFault.HeaderMalformed;

        Span<byte> sharedSecret = stackalloc byte[Sodium.XWingSharedSecretBytes];
        Span<byte> key = stackalloc byte[Hpke.KeyBytes];
        Span<byte> nonce = stackalloc byte[Hpke.NonceBytes];
        if (!Sodium.TryXWingDecapsulate(encapsulation, Secret, sharedSecret)) return AgeFault.HeaderMalformed;

        Hpke.Schedule(Hpke.XWing, sharedSecret, HybridRecipient.Info, key, nonce);
        var opened = FileKey.TryUnwrap(stanza.Body.Span, key, nonce, fileKey);
        CryptographicOperations.ZeroMemory(sharedSecret);
        CryptographicOperations.ZeroMemory(key);
        return opened ? null : AgeFault.NotMine;
    }

    private static EncryptionKey PublicKeyOf(SecretBytes seed) =>
        EncryptionKey.TryImport(Sodium.XWingPublicKey(seed.Span), out var key)
            ? key
            : throw new CryptographicException("X-Wing made a key that it refuses.");
}
