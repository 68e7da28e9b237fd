using System.Runtime.InteropServices;

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
}
