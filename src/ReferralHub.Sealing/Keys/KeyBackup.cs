using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Sealing.Keys;

/// <summary>
/// A copy of an agency's encryption identities that needs none of our programs: an age file under a passphrase, in it an
/// identity file as stock age reads it. Signing and TLS keys are not in it: the recovery key replaces them.
/// Spec: docs/protocol.md §2.7.
/// </summary>
public static class KeyBackup
{
    /// <summary>Writes the backup. Takes 256 MiB and about a second.</summary>
    /// <param name="destination">Where the age file goes; written synchronously; stays the caller's.</param>
    /// <param name="keys">The keys; stay the caller's.</param>
    /// <param name="passphrase">UTF-8, not empty; the caller clears it.</param>
    public static void Write(Stream destination, AgencyKeys keys, ReadOnlySpan<byte> passphrase)
    {
        ArgumentNullException.ThrowIfNull(keys);
        using var recipient = new ScryptRecipient(passphrase);
        using var age = new AgeWriter(destination, recipient);
        foreach (var entry in keys.Encryption)
        {
            age.Write(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"# created: {WireTime.Text(entry.CreatedAt)}\n# public key: {entry.Identity.PublicKey}\n")));
            WriteSecret(age, entry.Identity);
        }

        age.Complete();
    }

    private static void WriteSecret(AgeWriter age, KeyIdentity identity)
    {
        var secret = identity.ExportSecret();
        Span<byte> line = stackalloc byte[secret.Length + 1];
        Encoding.ASCII.GetBytes(secret, line);
        line[^1] = (byte)'\n';
        age.Write(line);
        CryptographicOperations.ZeroMemory(line);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(secret.AsSpan()));
    }
}
