using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using NSec.Cryptography;
using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Sealing.Age;

/// <summary>
/// The private half of an X25519 key: 32 bytes, written <c>AGE-SECRET-KEY-1…</c>, upper case.
/// Reference: RFC 7748. Spec: docs/protocol.md §2.1, §2.3.
/// </summary>
public sealed class X25519Identity : KeyIdentity
{
    private const string SecretPrefix = "AGE-SECRET-KEY-";

    private X25519Identity(SecretBytes scalar)
        : base(scalar, PublicKeyOf(scalar))
    {
    }

    private protected override string Prefix => SecretPrefix;

    /// <summary>Draws a new identity.</summary>
    public static X25519Identity Create() => new(SecretBytes.Random(SecretSize));

    /// <summary>Imports an identity.</summary>
    /// <param name="scalar">32 bytes from a cryptographic random source; copied. The caller clears them.</param>
    /// <exception cref="ArgumentException"><paramref name="scalar"/> is not 32 bytes long.</exception>
    public static X25519Identity Import(ReadOnlySpan<byte> scalar) => new(Copy(scalar));

    /// <summary>Reads the <c>AGE-SECRET-KEY-1…</c> form; false for any other spelling.</summary>
    /// <param name="text">Text from anywhere; the caller clears it.</param>
    /// <param name="identity">The identity, the caller's to dispose, or null when false.</param>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out X25519Identity? identity)
    {
        identity = TryDecode(SecretPrefix, text, out var scalar) ? new X25519Identity(scalar) : null;
        return identity is not null;
    }

    private protected override AgeFault? Unwrap(AgeStanza stanza, Span<byte> fileKey)
    {
        if (!TryReadShare(stanza, EncryptionKey.X25519Size, out var share)) return AgeFault.HeaderMalformed;

        using var scalar = ToKey(Secret);
        Span<byte> key = stackalloc byte[FileKey.WrapKeyBytes];
        if (!X25519Recipient.TryDeriveKey(scalar, share, share, PublicKey.AsSpan(), key)) return AgeFault.HeaderMalformed;

        var opened = FileKey.TryUnwrap(stanza.Body.Span, key, nonce: new byte[FileKey.NonceBytes], fileKey);
        CryptographicOperations.ZeroMemory(key);
        return opened ? null : AgeFault.NotMine;
    }

    private static EncryptionKey PublicKeyOf(SecretBytes scalar)
    {
        using var key = ToKey(scalar.Span);
        return EncryptionKey.TryImport(key.PublicKey.Export(KeyBlobFormat.RawPublicKey), out var publicKey)
            ? publicKey
            : throw new CryptographicException("X25519 made a key that it refuses.");
    }

    private static Key ToKey(ReadOnlySpan<byte> scalar) =>
        Key.Import(KeyAgreementAlgorithm.X25519, scalar, KeyBlobFormat.RawPrivateKey);
}
