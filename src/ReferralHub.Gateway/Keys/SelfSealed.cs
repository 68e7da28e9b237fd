using System.Security.Cryptography;
using System.Text;
using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Gateway.Keys;

/// <summary>Small things that only this agency may read: an age file to its storage key. The database holds names and subjects so.</summary>
internal static class SelfSealed
{
    private const int MaxBytes = 1 << 20;

    public static byte[] Seal(AgencyKeys keys, ReadOnlySpan<byte> plain)
    {
        using var file = new MemoryStream();
        using var age = new AgeWriter(file, AgeRecipient.Of(keys.Storage.PublicKey));
        age.Write(plain);
        age.Complete();
        return file.ToArray();
    }

    /// <inheritdoc cref="Open"/>
    public static string OpenText(AgencyKeys keys, byte[] kept)
    {
        var utf8 = Open(keys, kept);
        var text = Encoding.UTF8.GetString(utf8);
        CryptographicOperations.ZeroMemory(utf8);
        return text;
    }

    /// <summary>Seals to the storage key what is sealed to an encryption key of ours; null when it is not.</summary>
    public static byte[]? TrySealAnew(AgencyKeys keys, byte[] kept)
    {
        using var file = new MemoryStream(kept, writable: false);
        if (!AgeReader.TryOpen(file, keys.Identities, AgeLimits.Wire, out var age, out _)) return null;
        using (age)
        {
            if (!age.TryReadAll(MaxBytes, out var plain)) return null;
            var anew = Seal(keys, plain);
            CryptographicOperations.ZeroMemory(plain);
            return anew;
        }
    }

    /// <summary>Opens what <see cref="Seal"/> made, now or when there was no storage key yet; the caller clears it.</summary>
    /// <exception cref="InvalidDataException">The database was altered, or belongs to other keys.</exception>
    public static byte[] Open(AgencyKeys keys, byte[] kept)
    {
        using var file = new MemoryStream(kept, writable: false);
        if (!AgeReader.TryOpen(file, [keys.Storage, .. keys.Identities], AgeLimits.Wire, out var age, out var fault))
            throw new InvalidDataException($"What is sealed to ourselves does not open: {fault}.");
        using (age)
        {
            return age.TryReadAll(MaxBytes, out var plain)
                ? plain
                : throw new InvalidDataException("What is sealed to ourselves was altered.");
        }
    }
}
