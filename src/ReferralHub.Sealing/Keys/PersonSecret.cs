using System.Buffers.Binary;
using System.Security.Cryptography;
using NSec.Cryptography;

namespace ReferralHub.Sealing.Keys;

/// <summary>
/// What is kept of a person's own secret, to know it again: Argon2id (RFC 9106), libsodium's. Numbers are big-endian.
/// <code>
///  0  4  memory in KiB
///  4  4  passes; one lane
///  8 16  salt
/// 24 32  hash
/// </code>
/// </summary>
public static class PersonSecret
{
    private const int SaltBytes = 16;
    private const int HashBytes = 32;
    private const int SaltAt = 2 * sizeof(uint);
    private const int HashAt = SaltAt + SaltBytes;

    // Half a second of a case worker's patience, not the two of a key file that opens once a day.
    private static readonly KeyFileCost Cost = new(64 * 1024, 3);

    /// <summary>What to keep of a secret: 56 bytes, other ones each time. Takes 64 MiB and a fraction of a second.</summary>
    /// <param name="secret">UTF-8, not empty; the caller clears it.</param>
    public static byte[] Make(ReadOnlySpan<byte> secret)
    {
        if (secret.IsEmpty) throw new ArgumentException("A secret is not empty.", nameof(secret));
        var kept = new byte[HashAt + HashBytes];
        BinaryPrimitives.WriteUInt32BigEndian(kept, Cost.MemoryKiB);
        BinaryPrimitives.WriteUInt32BigEndian(kept.AsSpan(sizeof(uint)), Cost.Passes);
        RandomNumberGenerator.Fill(kept.AsSpan(SaltAt, SaltBytes));
        Derive(secret, kept.AsSpan(SaltAt, SaltBytes), Cost, kept.AsSpan(HashAt));
        return kept;
    }

    /// <summary>Whether this is the secret; false too for what <see cref="Make"/> never made. As slow as making it.</summary>
    /// <param name="kept">What <see cref="Make"/> gave.</param>
    /// <param name="secret">UTF-8; the caller clears it.</param>
    public static bool Matches(ReadOnlySpan<byte> kept, ReadOnlySpan<byte> secret)
    {
        if (kept.Length != HashAt + HashBytes || secret.IsEmpty) return false;
        var cost = new KeyFileCost(BinaryPrimitives.ReadUInt32BigEndian(kept), BinaryPrimitives.ReadUInt32BigEndian(kept[sizeof(uint)..]));
        if (!cost.IsWithinBounds) return false;
        Span<byte> hash = stackalloc byte[HashBytes];
        Derive(secret, kept.Slice(SaltAt, SaltBytes), cost, hash);
        return CryptographicOperations.FixedTimeEquals(hash, kept[HashAt..]);
    }

    private static void Derive(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> salt, KeyFileCost cost, Span<byte> hash) =>
        PasswordBasedKeyDerivationAlgorithm
            .Argon2id(new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = cost.MemoryKiB, NumberOfPasses = cost.Passes })
            .DeriveBytes(secret, salt, hash);
}
