using System.Security.Cryptography;

namespace ReferralHub.Sealing.Age;

/// <summary>
/// The key schedule of HPKE base mode for HKDF-SHA256 and ChaCha20Poly1305. age seals one message per key, so the base nonce
/// is the nonce and there is no sequence. References: RFC 9180 §5.1, draft-ietf-hpke-pq. Spec: docs/protocol.md §2.3.
/// </summary>
internal static class Hpke
{
    /// <summary>The number of X-Wing among the KEMs.</summary>
    public const ushort XWing = 0x647a;

    public const int KeyBytes = 32;
    public const int NonceBytes = 12;

    private const int HashBytes = 32;
    private const byte BaseMode = 0;

    /// <summary>Derives key and nonce from a KEM's shared secret.</summary>
    /// <param name="kem">The KEM's number: <see cref="XWing"/>, and in the tests those that RFC 9180 has vectors of.</param>
    /// <param name="sharedSecret">The KEM's; the caller clears them.</param>
    /// <param name="info">What the key is for.</param>
    /// <param name="key">32 bytes; the caller clears them.</param>
    /// <param name="nonce">12 bytes.</param>
    public static void Schedule(
        ushort kem, ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> info, Span<byte> key, Span<byte> nonce)
    {
        byte[] suite = [.. "HPKE"u8, (byte)(kem >> 8), (byte)(kem & 0xFF), 0x00, 0x01, 0x00, 0x03];
        Span<byte> hash = stackalloc byte[HashBytes];
        Extract(suite, default, "psk_id_hash"u8, default, hash);
        byte[] context = [BaseMode, .. hash];
        Extract(suite, default, "info_hash"u8, info, hash);
        context = [.. context, .. hash];

        Extract(suite, sharedSecret, "secret"u8, default, hash);
        Expand(suite, hash, "key"u8, context, key);
        Expand(suite, hash, "base_nonce"u8, context, nonce);
        CryptographicOperations.ZeroMemory(hash);
    }

    private static void Extract(
        byte[] suite, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> material, Span<byte> to) =>
        HKDF.Extract(HashAlgorithmName.SHA256, [.. "HPKE-v1"u8, .. suite, .. label, .. material], salt, to);

    private static void Expand(byte[] suite, ReadOnlySpan<byte> from, ReadOnlySpan<byte> label, byte[] context, Span<byte> to) =>
        HKDF.Expand(
            HashAlgorithmName.SHA256, from, to, [0, (byte)to.Length, .. "HPKE-v1"u8, .. suite, .. label, .. context]);
}
