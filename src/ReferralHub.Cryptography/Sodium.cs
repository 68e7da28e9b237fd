using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ReferralHub.Cryptography;

/// <summary>
/// All raw cryptography: what NSec lacks, from the libsodium that NSec loads (1.0.22). Nothing else is imported.
/// Source: https://doc.libsodium.org/.
/// </summary>
internal static partial class Sodium
{
    private const string Library = "libsodium";

    static Sodium() =>
        // NSec initialises libsodium (sodium_init) the first time it is touched.
        _ = NSec.Cryptography.SignatureAlgorithm.Ed25519;

    [LibraryImport(Library, EntryPoint = "crypto_core_ed25519_is_valid_point")]
    private static partial int IsValidPoint(ReadOnlySpan<byte> point);

    /// <summary>Whether 32 bytes are the canonical encoding of a point of the prime-order group.</summary>
    public static bool IsValidEd25519Point(ReadOnlySpan<byte> point) => point.Length == 32 && IsValidPoint(point) == 1;

    /// <summary>Bytes of an X-Wing seed, which is also the private key (draft-connolly-cfrg-xwing-kem).</summary>
    public const int XWingSeedBytes = 32;

    /// <summary>Bytes of an X-Wing public key.</summary>
    public const int XWingPublicKeyBytes = 1216;

    /// <summary>Bytes of an X-Wing encapsulation.</summary>
    public const int XWingEncapsulationBytes = 1120;

    /// <summary>Bytes of the secret that an X-Wing encapsulation carries.</summary>
    public const int XWingSharedSecretBytes = 32;

    /// <summary>The public key of a seed.</summary>
    public static byte[] XWingPublicKey(ReadOnlySpan<byte> seed)
    {
        Require(seed.Length == XWingSeedBytes);
        var publicKey = new byte[XWingPublicKeyBytes];
        Span<byte> privateKey = stackalloc byte[XWingSeedBytes];
        var result = XWingSeedKeyPair(publicKey, privateKey, seed);
        CryptographicOperations.ZeroMemory(privateKey);
        return result == 0 ? publicKey : throw new CryptographicException("X-Wing made no key of this seed.");
    }

    /// <summary>Makes a fresh secret for a public key; false when the key is not one that can be used.</summary>
    public static bool TryXWingEncapsulate(ReadOnlySpan<byte> publicKey, Span<byte> encapsulation, Span<byte> sharedSecret)
    {
        Require(publicKey.Length == XWingPublicKeyBytes
            && encapsulation.Length == XWingEncapsulationBytes
            && sharedSecret.Length == XWingSharedSecretBytes);
        return XWingEncapsulate(encapsulation, sharedSecret, publicKey) == 0;
    }

    /// <summary>
    /// Recovers the secret of an encapsulation; false when its X25519 half is of low order.
    /// For one made to another key it gives a secret that nobody else has (implicit rejection).
    /// </summary>
    public static bool TryXWingDecapsulate(ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> seed, Span<byte> sharedSecret)
    {
        Require(encapsulation.Length == XWingEncapsulationBytes
            && seed.Length == XWingSeedBytes
            && sharedSecret.Length == XWingSharedSecretBytes);
        return XWingDecapsulate(sharedSecret, encapsulation, seed) == 0;
    }

    /// <summary>scrypt (RFC 7914) with r = 8, p = 1 and N = 2^<paramref name="logN"/>; takes 2^(logN + 10) bytes of memory.</summary>
    /// <exception cref="CryptographicException">The memory could not be had.</exception>
    public static void Scrypt(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, int logN, Span<byte> key)
    {
        Require(logN is > 0 and < 32);
        var result = Scrypt(
            passphrase, (nuint)passphrase.Length, salt, (nuint)salt.Length, 1UL << logN, 8, 1, key, (nuint)key.Length);
        if (result != 0) throw new CryptographicException($"scrypt could not have 2^{logN + 10} bytes.");
    }

    private static void Require([DoesNotReturnIf(false)] bool lengthsAreRight)
    {
        if (!lengthsAreRight) throw new ArgumentException("A buffer has the wrong length.");
    }

    [LibraryImport(Library, EntryPoint = "crypto_kem_xwing_seed_keypair")]
    private static partial int XWingSeedKeyPair(Span<byte> publicKey, Span<byte> privateKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library, EntryPoint = "crypto_kem_xwing_enc")]
    private static partial int XWingEncapsulate(
        Span<byte> encapsulation, Span<byte> sharedSecret, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library, EntryPoint = "crypto_kem_xwing_dec")]
    private static partial int XWingDecapsulate(
        Span<byte> sharedSecret, ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> privateKey);

    [LibraryImport(Library, EntryPoint = "crypto_pwhash_scryptsalsa208sha256_ll")]
    private static partial int Scrypt(
        ReadOnlySpan<byte> passphrase, nuint passphraseLength, ReadOnlySpan<byte> salt, nuint saltLength,
        ulong n, uint r, uint p, Span<byte> key, nuint keyLength);
}
