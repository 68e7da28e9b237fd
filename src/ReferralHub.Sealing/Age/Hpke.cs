using System.Security.Cryptography;

namespace ReferralHub.Sealing.Age;

/// <summary>
/// The key schedule of HPKE base mode for KEM 0x647a (X-Wing), HKDF-SHA256 and ChaCha20Poly1305. age seals one message per
/// key, so the base nonce is the nonce and there is no sequence. References: RFC 9180 §5.1, draft-ietf-hpke-pq. Spec: docs/protocol.md §2.3.
/// </summary>
internal static class Hpke
{
    public const int KeyBytes = 32;
    public const int NonceBytes = 12;

    private const int HashBytes = 32;
    private const byte BaseMode = 0;

    private static readonly byte[] Suite = [.. "HPKE"u8, 0x64, 0x7a, 0x00, 0x01, 0x00, 0x03];

    /// <summary>Derives key and nonce from a KEM's shared secret.</summary>
    /// <param name="sharedSecret">32 bytes; the caller clears them.</param>
    /// <param name="info">What the key is for.</param>
    /// <param name="key">32 bytes; the caller clears them.</param>
    /// <param name="nonce">12 bytes.</param>
    public static void Schedule(ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> info, Span<byte> key, Span<byte> nonce)
    {
        Span<byte> hash = stackalloc byte[HashBytes];
        Extract(default, "psk_id_hash"u8, default, hash);
        byte[] context = [BaseMode, .. hash];
        Extract(default, "info_hash"u8, info, hash);
        context = [.. context, .. hash];

        Extract(sharedSecret, "secret"u8, default, hash);
        Expand(hash, "key"u8, context, key);
        Expand(hash, "base_nonce"u8, context, nonce);
        CryptographicOperations.ZeroMemory(hash);
    }

    private static void Extract(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> material, Span<byte> to) =>
        HKDF.Extract(HashAlgorithmName.SHA256, [.. "HPKE-v1"u8, .. Suite, .. label, .. material], salt, to);

    private static void Expand(ReadOnlySpan<byte> from, ReadOnlySpan<byte> label, byte[] context, Span<byte> to) =>
        HKDF.Expand(
            HashAlgorithmName.SHA256, from, to, [0, (byte)to.Length, .. "HPKE-v1"u8, .. Suite, .. label, .. context]);
}
