using System.Security.Cryptography;

namespace ReferralHub.Sealing.Age;

/// <summary>What follows from an age file's key: wrapping it, the header's MAC, the payload's key. Reference: https://c2sp.org/age.</summary>
internal static class FileKey
{
    public const int Bytes = 16;
    public const int WrappedBytes = Bytes + TagBytes;
    public const int WrapKeyBytes = 32;
    public const int NonceBytes = 12;
    public const int PayloadNonceBytes = 16;

    private const int KeyBytes = 32;
    private const int TagBytes = 16;

    public static byte[] HeaderMac(ReadOnlySpan<byte> fileKey, ReadOnlySpan<byte> macInput)
    {
        Span<byte> key = stackalloc byte[KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, fileKey, key, salt: default, "header"u8);
        var mac = HMACSHA256.HashData(key, macInput);
        CryptographicOperations.ZeroMemory(key);
        return mac;
    }

    public static PayloadCipher PayloadCipher(ReadOnlySpan<byte> fileKey, ReadOnlySpan<byte> nonce)
    {
        Span<byte> key = stackalloc byte[KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, fileKey, key, nonce, "payload"u8);
        var cipher = new PayloadCipher(key);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }

    /// <summary>Seals the file key under a key and nonce that are used only this once.</summary>
    public static byte[] Wrap(ReadOnlySpan<byte> fileKey, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce)
    {
        var wrapped = new byte[WrappedBytes];
        using var cipher = new ChaCha20Poly1305(key);
        cipher.Encrypt(nonce, fileKey, wrapped.AsSpan(0, Bytes), wrapped.AsSpan(Bytes));
        return wrapped;
    }

    /// <summary>Opens a wrapped file key of <see cref="WrappedBytes"/>; false when it was wrapped under another key.</summary>
    public static bool TryUnwrap(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, Span<byte> fileKey)
    {
        using var cipher = new ChaCha20Poly1305(key);
        try
        {
            cipher.Decrypt(nonce, wrapped[..Bytes], wrapped[Bytes..], fileKey);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}
