using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ReferralHub.Cryptography.Age;
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
    private const string Created = "# created: ";
    private const string Retired = "# retired: ";
    private const string PublicKey = "# public key: ";

    /// <summary>The longest backup in clear, in bytes: more than all identities that a key file can hold.</summary>
    private const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Writes the backup. Takes 256 MiB and about a second.</summary>
    /// <param name="destination">Where the age file goes; written synchronously; stays the caller's.</param>
    /// <param name="keys">The keys; stay the caller's.</param>
    /// <param name="passphrase">UTF-8, not empty; the caller clears it.</param>
    public static void Write(Stream destination, AgencyKeys keys, ReadOnlySpan<byte> passphrase)
    {
        ArgumentNullException.ThrowIfNull(keys);
        using var recipient = new ScryptRecipient(passphrase);
        Write(destination, keys, recipient);
    }

    /// <summary>Reads a backup. Takes as much memory and time as its writer chose, up to 4 GiB; ours choose 256 MiB.</summary>
    /// <param name="source">The age file from position 0; must seek; read synchronously; stays the caller's.</param>
    /// <param name="passphrase">UTF-8; the caller clears it.</param>
    /// <param name="identities">Newest first, the caller's to dispose; null when false.</param>
    /// <param name="fault">Null, or why not; a file that was altered is as one under another passphrase.</param>
    public static bool TryRead(
        Stream source,
        ReadOnlySpan<byte> passphrase,
        [NotNullWhen(true)] out IReadOnlyList<EncryptionIdentity>? identities,
        [NotNullWhen(false)] out KeyFileFault? fault)
    {
        identities = null;
        fault = KeyFileFault.WrongPassphrase;
        using var identity = new ScryptIdentity(passphrase);
        if (!AgeReader.TryOpen(source, [identity], AgeLimits.Local, out var age, out var ageFault))
        {
            if (ageFault == AgeFault.HeaderMalformed) fault = KeyFileFault.Foreign;
            return false;
        }

        using (age)
        {
            if (!age.TryReadAll(MaxBytes, out var text)) return false;
            identities = Parse(text);
            fault = identities is null ? KeyFileFault.OtherContent : null;
            CryptographicOperations.ZeroMemory(text);
            return identities is not null;
        }
    }

    internal static void Write(Stream destination, AgencyKeys keys, ScryptRecipient recipient)
    {
        using var age = new AgeWriter(destination, recipient);
        foreach (var entry in keys.Encryption)
        {
            var retired = entry.RetiredAt is { } time ? $"{Retired}{WireTime.Text(time)}\n" : "";
            age.Write(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"{Created}{WireTime.Text(entry.CreatedAt)}\n{retired}{PublicKey}{entry.Identity.PublicKey}\n")));
            WriteSecret(age, entry.Identity);
        }

        age.Complete();
    }

    /// <summary>Reads what <see cref="Write(Stream, AgencyKeys, ScryptRecipient)"/> wrote; null for anything else.</summary>
    internal static List<EncryptionIdentity>? Parse(ReadOnlySpan<byte> text)
    {
        var identities = new List<EncryptionIdentity>();
        while (!text.IsEmpty)
        {
            if (TryReadIdentity(ref text, isFirst: identities.Count == 0, out var identity)) identities.Add(identity);
            else return Forget(identities);
        }

        return identities.Count > 0 ? identities : null;
    }

    // As in a key file, the first is in use and has no retirement, and every other one has.
    private static bool TryReadIdentity(ref ReadOnlySpan<byte> text, bool isFirst, [NotNullWhen(true)] out EncryptionIdentity? identity)
    {
        identity = null;
        var retiredAt = default(DateTimeOffset);
        if (!TryReadComment(ref text, Created, out var created) || !WireTime.TryParse(created, out var createdAt)) return false;
        if (!isFirst && (!TryReadComment(ref text, Retired, out var retired) || !WireTime.TryParse(retired, out retiredAt))) return false;
        if (!TryReadComment(ref text, PublicKey, out var publicKey) || !TryReadLine(ref text, out var line)) return false;

        Span<char> secret = stackalloc char[128];
        if (line.Length > secret.Length) return false;
        secret = secret[..Encoding.Latin1.GetChars(line, secret)];
        var isKey = HybridIdentity.TryParse(secret, out var key);
        secret.Clear();
        if (!isKey) return false;
        if (key!.PublicKey.ToString() == publicKey) identity = new(key, createdAt, isFirst ? null : retiredAt);
        else key.Dispose();
        return identity is not null;
    }

    private static bool TryReadComment(ref ReadOnlySpan<byte> text, string name, out string value)
    {
        value = "";
        if (!text.StartsWith(Encoding.ASCII.GetBytes(name)) || !TryReadLine(ref text, out var line)) return false;
        value = Encoding.Latin1.GetString(line[name.Length..]);
        return true;
    }

    private static bool TryReadLine(ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> line)
    {
        var end = text.IndexOf((byte)'\n');
        line = end < 0 ? [] : text[..end];
        if (end >= 0) text = text[(end + 1)..];
        return end >= 0;
    }

    private static List<EncryptionIdentity>? Forget(List<EncryptionIdentity> identities)
    {
        foreach (var one in identities) one.Identity.Dispose();
        return null;
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
