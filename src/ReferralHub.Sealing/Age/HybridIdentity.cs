using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using ReferralHub.Cryptography;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Sealing.Age;

/// <summary>
/// The private half of an agency's hybrid key: an X-Wing seed of 32 bytes, written <c>AGE-SECRET-KEY-PQ-1…</c>, upper case.
/// Spec: docs/protocol.md §2.1, §2.3.
/// </summary>
public sealed class HybridIdentity : AgeIdentity
{
    /// <summary>The length of a seed in bytes.</summary>
    public const int SeedSize = Sodium.XWingSeedBytes;

    private const string Prefix = "AGE-SECRET-KEY-PQ-";

    private readonly SecretBytes _seed;

    private HybridIdentity(SecretBytes seed)
    {
        _seed = seed;
        if (!EncryptionKey.TryImport(Sodium.XWingPublicKey(seed.Span), out var publicKey))
            throw new CryptographicException("X-Wing made a key that it refuses.");
        PublicKey = publicKey;
    }

    /// <summary>What others seal to.</summary>
    public EncryptionKey PublicKey { get; }

    /// <summary>Draws a new identity.</summary>
    public static HybridIdentity Create() => new(SecretBytes.Random(SeedSize));

    /// <summary>Imports an identity.</summary>
    /// <param name="seed">32 bytes from a cryptographic random source; copied. The caller clears them.</param>
    /// <exception cref="ArgumentException"><paramref name="seed"/> is not 32 bytes long.</exception>
    public static HybridIdentity Import(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != SeedSize) throw new ArgumentException($"A seed is {SeedSize} bytes, not {seed.Length}.", nameof(seed));
        return new HybridIdentity(new SecretBytes(seed));
    }

    /// <summary>Reads the <c>AGE-SECRET-KEY-PQ-1…</c> form; false for any other spelling.</summary>
    /// <param name="text">Text from anywhere; the caller clears it.</param>
    /// <param name="identity">The identity, or null when false.</param>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out HybridIdentity? identity)
    {
        identity = null;
        if (!Bech32.TryDecode(Prefix, text, out var seed)) return false;
        if (seed.Length == SeedSize) identity = Import(seed);
        CryptographicOperations.ZeroMemory(seed);
        return identity is not null;
    }

    /// <summary>
    /// The <c>AGE-SECRET-KEY-PQ-1…</c> form, for a backup that stock age opens. It is the whole secret: the caller seals it
    /// at once and clears the characters.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The identity was disposed.</exception>
    public char[] ExportSecret()
    {
        var text = new char[Bech32.EncodedLength(Prefix, SeedSize)];
        Bech32.Encode(Prefix, _seed.Span, text);
        return text;
    }

    /// <inheritdoc/>
    public override void Dispose() => _seed.Dispose();

    /// <summary>The fingerprint of the public half.</summary>
    public override string ToString() => $"private half of {PublicKey.Fingerprint}";

    internal ReadOnlySpan<byte> Seed => _seed.Span;

    internal override AgeFault? Unwrap(AgeHeader header, Span<byte> fileKey)
    {
        foreach (var stanza in header.Stanzas)
        {
            if (stanza.Type != AgeStanza.HybridType) continue;
            if (stanza.Args is not [var argument]
                || !CanonicalBase64.Unpadded.TryDecode(argument, out var encapsulation)
                || encapsulation.Length != Sodium.XWingEncapsulationBytes
                || stanza.Body.Length != FileKey.WrappedBytes)
            {
                return AgeFault.HeaderMalformed;
            }


            var fault = Unwrap(encapsulation, stanza.Body.Span, fileKey);
            if (fault != AgeFault.NotMine) return fault;
        }
        return AgeFault.NotMine;
    }

    private AgeFault? Unwrap(byte[] encapsulation, ReadOnlySpan<byte> body, Span<byte> fileKey)
    {
        Span<byte> sharedSecret = stackalloc byte[Sodium.XWingSharedSecretBytes];
        Span<byte> key = stackalloc byte[Hpke.KeyBytes];
        Span<byte> nonce = stackalloc byte[Hpke.NonceBytes];
        if (!Sodium.TryXWingDecapsulate(encapsulation, _seed.Span, sharedSecret)) return AgeFault.HeaderMalformed;

        Hpke.Schedule(sharedSecret, HybridRecipient.Info, key, nonce);
        var opened = FileKey.TryUnwrap(body, key, nonce, fileKey);
        CryptographicOperations.ZeroMemory(sharedSecret);
        CryptographicOperations.ZeroMemory(key);
        return opened ? null : AgeFault.NotMine;
    }
}
