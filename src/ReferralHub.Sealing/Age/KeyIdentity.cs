using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Sealing.Age;

/// <summary>The private half of an <see cref="EncryptionKey"/>: 32 secret bytes. Spec: docs/protocol.md §2.1, §2.3.</summary>
public abstract class KeyIdentity : AgeIdentity
{
    /// <summary>The length of the secret in bytes, of either kind.</summary>
    public const int SecretSize = 32;

    private protected KeyIdentity(SecretBytes secret, EncryptionKey publicKey)
        : base(secret) => PublicKey = publicKey;

    /// <summary>What others seal to.</summary>
    public EncryptionKey PublicKey { get; }

    private protected abstract string Prefix { get; }

    /// <summary>Reads the form that <see cref="ExportSecret"/> writes, of either kind; false for any other spelling.</summary>
    /// <param name="text">Text from anywhere; the caller clears it.</param>
    /// <param name="identity">The identity, the caller's to dispose, or null when false.</param>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out KeyIdentity? identity)
    {
        identity = HybridIdentity.TryParse(text, out var hybrid) ? hybrid
            : X25519Identity.TryParse(text, out var classical) ? classical
            : null;
        return identity is not null;
    }

    /// <summary>
    /// The <c>AGE-SECRET-KEY-…</c> form, for a backup that stock age opens. It is the whole secret: the caller seals it at once
    /// and clears the characters.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The identity was disposed.</exception>
    public char[] ExportSecret()
    {
        var text = new char[Bech32.EncodedLength(Prefix, SecretSize)];
        Bech32.Encode(Prefix, Secret, text);
        return text;
    }

    /// <summary>The fingerprint of the public half.</summary>
    public override string ToString() => $"private half of {PublicKey.Fingerprint}";

    internal override AgeFault? Unwrap(AgeHeader header, Span<byte> fileKey)
    {
        foreach (var stanza in header.Stanzas.Where(s => s.Type == PublicKey.StanzaType))
        {
            var fault = Unwrap(stanza, fileKey);
            if (fault != AgeFault.NotMine) return fault;
        }

        return AgeFault.NotMine;
    }

    /// <summary>Unwraps the file key, 16 bytes, from a stanza of this kind; null, or why not.</summary>
    private protected abstract AgeFault? Unwrap(AgeStanza stanza, Span<byte> fileKey);

    private protected static SecretBytes Copy(ReadOnlySpan<byte> secret) => secret.Length == SecretSize
        ? new SecretBytes(secret)
        : throw new ArgumentException($"A secret is {SecretSize} bytes, not {secret.Length}.", nameof(secret));

    private protected static bool TryDecode(string prefix, ReadOnlySpan<char> text, [NotNullWhen(true)] out SecretBytes? secret)
    {
        secret = null;
        if (!Bech32.TryDecode(prefix, text, out var bytes)) return false;
        if (bytes.Length == SecretSize) secret = new SecretBytes(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return secret is not null;
    }

    /// <summary>Reads the one argument of a stanza and the length of its body; false when they break their kind's rules.</summary>
    private protected static bool TryReadShare(AgeStanza stanza, int length, [NotNullWhen(true)] out byte[]? share)
    {
        share = null;
        return stanza.Args is [var argument]
            && CanonicalBase64.Unpadded.TryDecode(argument, out share)
            && share.Length == length
            && stanza.Body.Length == FileKey.WrappedBytes;
    }
}
