using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Age;

/// <summary>Whole age files in memory.</summary>
internal static class AgeFiles
{
    public static byte[] Seal(AgeRecipient recipient, byte[] plain) => Seal([recipient], plain);

    public static byte[] Seal(IReadOnlyList<AgeRecipient> recipients, byte[] plain)
    {
        using var file = new MemoryStream();
        using var writer = new AgeWriter(file, recipients);
        writer.Write(plain);
        writer.Complete();
        return file.ToArray();
    }

    /// <summary>What a reader releases, and why it stopped if it did.</summary>
    public static (byte[] Released, AgeFault? Fault) Open(byte[] file, AgeLimits limits, int bufferSize, params AgeIdentity[] identities) =>
        Open(new MemoryStream(file), limits, bufferSize, identities);

    public static (byte[] Released, AgeFault? Fault) Open(Stream file, AgeLimits limits, int bufferSize, params AgeIdentity[] identities)
    {
        if (!AgeReader.TryOpen(file, identities, limits, out var reader, out var fault)) return ([], fault);
        using (reader)
        {
            using var released = new MemoryStream();
            var buffer = new byte[bufferSize];
            while (reader.TryRead(buffer, out var count))
            {
                if (count == 0) return (released.ToArray(), null);
                released.Write(buffer, 0, count);
            }

            return (released.ToArray(), AgeFault.PayloadDamaged);
        }
    }

    public static void AssertOpened(byte[] plain, (byte[] Released, AgeFault? Fault) result)
    {
        Assert.Null(result.Fault);
        Assert.Equal(plain, result.Released);
    }

    public static byte[] Pattern(int size)
    {
        var bytes = new byte[size];
        for (var i = 0; i < size; i++) bytes[i] = (byte)(i * 131 + i / 251 & 0xFF);
        return bytes;
    }
}
