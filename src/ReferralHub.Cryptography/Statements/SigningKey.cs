using NSec.Cryptography;

namespace ReferralHub.Cryptography.Statements;

/// <summary>
/// An Ed25519 private key (RFC 8032). It lives in libsodium's guarded memory and cannot be exported; whoever must keep
/// it keeps the seed. Spec: docs/protocol.md §2.1.
/// </summary>
public sealed class SigningKey : IDisposable
{
    /// <summary>The length of a seed in bytes.</summary>
    public const int SeedSize = 32;

    private readonly Key _key;

    private SigningKey(Key key)
    {
        _key = key;
        VerifyingKey = VerifyingKey.Of(key);
    }

    /// <summary>The public half.</summary>
    public VerifyingKey VerifyingKey { get; }

    /// <summary>Imports the private key that belongs to a seed.</summary>
    /// <param name="seed">32 bytes from a cryptographic random source; copied. The caller clears them.</param>
    /// <exception cref="ArgumentException"><paramref name="seed"/> is not 32 bytes long.</exception>
    public static SigningKey Import(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != SeedSize) throw new ArgumentException($"A seed is {SeedSize} bytes, not {seed.Length}.", nameof(seed));

        return new(Key.Import(
            SignatureAlgorithm.Ed25519,
            seed,
            KeyBlobFormat.RawPrivateKey,
            new KeyCreationParameters { ExportPolicy = KeyExportPolicies.None }));
    }

    /// <summary>Signs <paramref name="message"/>: 64 bytes, always the same for the same key and message.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public byte[] Sign(ReadOnlySpan<byte> message) => SignatureAlgorithm.Ed25519.Sign(_key, message);

    /// <summary>Wipes the private key.</summary>
    public void Dispose() => _key.Dispose();

    /// <summary>The thumbprint of the public half.</summary>
    public override string ToString() => $"private half of {VerifyingKey}";
}
