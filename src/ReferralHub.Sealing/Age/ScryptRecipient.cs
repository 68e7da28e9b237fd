using System.Globalization;
using System.Security.Cryptography;
using ReferralHub.Cryptography;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Sealing.Age;

/// <summary>
/// Seals a backup under a passphrase, so that stock age opens it: <c>-> scrypt SALT WORK</c>, salt 16 bytes, work the
/// base-2 logarithm of scrypt's N. Never on the wire. Reference: https://c2sp.org/age.
/// </summary>
public sealed class ScryptRecipient : AgeRecipient, IDisposable
{
    internal const string StanzaType = "scrypt";
    internal const int SaltBytes = 16;

    /// <summary>2^18: 256 MiB of memory, about a second.</summary>
    internal const int DefaultWork = 18;

    private readonly SecretBytes _passphrase;
    private readonly int _work;

    /// <summary>Makes a recipient of a passphrase.</summary>
    /// <param name="passphrase">UTF-8, not empty; copied. The caller clears it.</param>
    public ScryptRecipient(ReadOnlySpan<byte> passphrase)
        : this(passphrase, DefaultWork)
    {
    }

    internal ScryptRecipient(ReadOnlySpan<byte> passphrase, int work)
    {
        if (passphrase.IsEmpty) throw new ArgumentException("A passphrase is not empty.", nameof(passphrase));
        _passphrase = new SecretBytes(passphrase);
        _work = work;
    }

    /// <summary>Wipes the passphrase.</summary>
    public void Dispose() => _passphrase.Dispose();

    internal static void DeriveKey(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, int work, Span<byte> key) =>
        Sodium.Scrypt(passphrase, [.. "age-encryption.org/v1/scrypt"u8, .. salt], work, key);

    internal override bool IsPostQuantum => true;

    internal override AgeStanza Wrap(ReadOnlySpan<byte> fileKey)
    {
        Span<byte> salt = stackalloc byte[SaltBytes];
        Span<byte> key = stackalloc byte[FileKey.WrapKeyBytes];
        RandomNumberGenerator.Fill(salt);
        DeriveKey(_passphrase.Span, salt, _work, key);
        var body = FileKey.Wrap(fileKey, key, nonce: new byte[FileKey.NonceBytes]);
        CryptographicOperations.ZeroMemory(key);
        return new AgeStanza(
            StanzaType, [CanonicalBase64.Unpadded.Encode(salt), _work.ToString(CultureInfo.InvariantCulture)], body);
    }
}
