using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using NSec.Cryptography;

namespace ReferralHub.Sealing.Keys;

/// <summary>
/// Secrets in a file, sealed under a passphrase: Argon2id (RFC 9106) and XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha), both
/// libsodium's. Numbers are big-endian. Spec: docs/protocol.md §2.7.
/// <code>
///  0  16  "ReferralHub keys"
/// 16   2  version, 1
/// 18   4  Argon2id memory in KiB
/// 22   4  Argon2id passes; one lane
/// 26  16  Argon2id salt
/// 42  24  nonce
/// 66   4  length of the rest, n
/// 70   n  the encoding of NamedSecrets, sealed with bytes 0..69 as associated data; the last 16 bytes are the tag
/// </code>
/// </summary>
public static class KeyFile
{
    private const ushort Version = 1;
    private const int SaltBytes = 16;
    private const int NonceBytes = 24;
    private const int TagBytes = 16;
    private const int SaltAt = 26;
    private const int NonceAt = SaltAt + SaltBytes;
    private const int LengthAt = NonceAt + NonceBytes;
    private const int HeaderBytes = LengthAt + sizeof(uint);

    /// <summary>The longest file, in bytes: read whole, so bounded before memory is taken.</summary>
    private const int MaxBytes = 16 * 1024 * 1024;

    private static readonly AeadAlgorithm Aead = AeadAlgorithm.XChaCha20Poly1305;

    private static ReadOnlySpan<byte> Magic => "ReferralHub keys"u8;

    /// <summary>
    /// Seals secrets into a file that only its owner may read, in place of what is there; after a crash the old or the new
    /// content is there. Takes 256 MiB and about a second.
    /// </summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="passphrase">UTF-8, not empty; the caller clears it.</param>
    /// <param name="secrets">What to seal; stays the caller's.</param>
    public static void Save(string path, ReadOnlySpan<byte> passphrase, NamedSecrets secrets) =>
        Save(path, passphrase, secrets, KeyFileCost.Default);

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">UTF-8; the caller clears it.</param>
    /// <param name="secrets">What was sealed, the caller's to dispose; null when false.</param>
    /// <param name="fault">Null, or why not.</param>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static bool TryLoad(
        string path,
        ReadOnlySpan<byte> passphrase,
        [NotNullWhen(true)] out NamedSecrets? secrets,
        [NotNullWhen(false)] out KeyFileFault? fault)
    {
        secrets = null;
        using var file = File.OpenRead(path);
        var bytes = new byte[Math.Min(file.Length, MaxBytes)];
        file.ReadExactly(bytes);

        fault = CheckHeader(bytes, out var cost);
        if (fault is null) fault = Unseal(bytes, passphrase, cost!, out secrets);
        return secrets is not null;
    }

    internal static void Save(string path, ReadOnlySpan<byte> passphrase, NamedSecrets secrets, KeyFileCost cost)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        if (passphrase.IsEmpty) throw new ArgumentException("A passphrase is not empty.", nameof(passphrase));

        var plain = secrets.Encode();
        try
        {
            DurableFile.Replace(path, Seal(plain, passphrase, cost));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private static byte[] Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> passphrase, KeyFileCost cost)
    {
        var file = new byte[HeaderBytes + plain.Length + TagBytes];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(16), Version);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(18), cost.MemoryKiB);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(22), cost.Passes);
        RandomNumberGenerator.Fill(file.AsSpan(SaltAt, SaltBytes + NonceBytes));
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(LengthAt), (uint)(plain.Length + TagBytes));

        using var key = DeriveKey(passphrase, file.AsSpan(SaltAt, SaltBytes), cost);
        Aead.Encrypt(key, file.AsSpan(NonceAt, NonceBytes), file.AsSpan(0, HeaderBytes), plain, file.AsSpan(HeaderBytes));
        return file;
    }

    internal static KeyFileFault? CheckHeader(ReadOnlySpan<byte> file, out KeyFileCost? cost)
    {
        cost = null;
        if (!file.StartsWith(Magic)) return KeyFileFault.Foreign;
        if (file.Length < 18) return KeyFileFault.LengthDiffers;
        var version = BinaryPrimitives.ReadUInt16BigEndian(file[16..]);
        if (version != Version) return version > Version ? KeyFileFault.Newer : KeyFileFault.Foreign;
        if (file.Length < HeaderBytes + TagBytes) return KeyFileFault.LengthDiffers;
        if (BinaryPrimitives.ReadUInt32BigEndian(file[LengthAt..]) != file.Length - HeaderBytes) return KeyFileFault.LengthDiffers;

        cost = new KeyFileCost(
            BinaryPrimitives.ReadUInt32BigEndian(file[18..]), BinaryPrimitives.ReadUInt32BigEndian(file[22..]));
        return cost.IsWithinBounds ? null : KeyFileFault.CostOutOfBounds;
    }

    private static KeyFileFault? Unseal(
        ReadOnlySpan<byte> file, ReadOnlySpan<byte> passphrase, KeyFileCost cost, out NamedSecrets? secrets)
    {
        secrets = null;
        using var key = DeriveKey(passphrase, file.Slice(SaltAt, SaltBytes), cost);
        var plain = GC.AllocateUninitializedArray<byte>(file.Length - HeaderBytes - TagBytes, pinned: true);
        try
        {
            if (!Aead.Decrypt(key, file.Slice(NonceAt, NonceBytes), file[..HeaderBytes], file[HeaderBytes..], plain))
                return KeyFileFault.WrongPassphrase;
            return NamedSecrets.TryDecode(plain, out secrets) ? null : KeyFileFault.OtherContent;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private static Key DeriveKey(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, KeyFileCost cost) =>
        PasswordBasedKeyDerivationAlgorithm
            .Argon2id(new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = cost.MemoryKiB, NumberOfPasses = cost.Passes })
            .DeriveKey(passphrase, salt, Aead, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.None });
}
