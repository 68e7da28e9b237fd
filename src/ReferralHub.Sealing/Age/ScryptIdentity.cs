using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Sealing.Age;

/// <summary>Opens a backup with its passphrase. Never used on what another agency sent. Reference: https://c2sp.org/age.</summary>
public sealed partial class ScryptIdentity : AgeIdentity
{
    /// <summary>The most work that is done for a file, 2^22: 4 GiB of memory.</summary>
    private const int MaxWork = 22;

    /// <summary>Makes an identity of a passphrase.</summary>
    /// <param name="passphrase">UTF-8; copied. The caller clears it.</param>
    public ScryptIdentity(ReadOnlySpan<byte> passphrase)
        : base(new SecretBytes(passphrase))
    {
    }

    internal override AgeFault? Unwrap(AgeHeader header, Span<byte> fileKey)
    {
        // The reader has refused a scrypt stanza that is not alone.
        var stanza = header.Stanzas[0];
        if (stanza.Type != ScryptRecipient.StanzaType) return AgeFault.NotMine;
        if (!TryRead(stanza, out var salt, out var work)) return AgeFault.HeaderMalformed;

        Span<byte> key = stackalloc byte[FileKey.WrapKeyBytes];
        ScryptRecipient.DeriveKey(Secret, salt, work, key);
        var opened = FileKey.TryUnwrap(stanza.Body.Span, key, nonce: new byte[FileKey.NonceBytes], fileKey);
        CryptographicOperations.ZeroMemory(key);
        return opened ? null : AgeFault.NotMine;
    }

    /// <summary>Reads a stanza's arguments; false unless they and its body are as its kind has them, and the work is bearable.</summary>
    internal static bool TryRead(AgeStanza stanza, [NotNullWhen(true)] out byte[]? salt, out int work)
    {
        (salt, work) = (null, 0);
        return stanza.Args is [var saltText, var workText]
            && CanonicalBase64.Unpadded.TryDecode(saltText, out salt)
            && salt.Length == ScryptRecipient.SaltBytes
            && stanza.Body.Length == FileKey.WrappedBytes
            && TryReadWork(workText, out work);
    }

    private static bool TryReadWork(string text, out int work)
    {
        work = 0;
        return WorkGrammar().IsMatch(text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out work)
            && work <= MaxWork;
    }

    [GeneratedRegex(@"^[1-9][0-9]*\z")]
    private static partial Regex WorkGrammar();
}
