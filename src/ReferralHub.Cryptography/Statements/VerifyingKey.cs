using System.Diagnostics.CodeAnalysis;
using System.Text;
using NSec.Cryptography;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Cryptography.Statements;

/// <summary>
/// The Ed25519 public key that checks statements and checkpoints (RFC 8032).
/// Key and signature are accepted only when libsodium, Go, OpenSSL and noble all accept them: they disagree on points
/// outside the prime-order group alone. Spec: docs/protocol.md §2.1 and §3.1.
/// </summary>
public sealed class VerifyingKey : IEquatable<VerifyingKey>
{
    /// <summary>The length of a raw key in bytes.</summary>
    public const int Size = 32;

    /// <summary>The length of a signature in bytes: R, then S.</summary>
    public const int SignatureSize = 64;

    private readonly PublicKey _key;

    private VerifyingKey(PublicKey key)
    {
        _key = key;
        var jwk = $$"""{"crv":"Ed25519","kty":"OKP","x":"{{CanonicalBase64.Url.Encode(ToArray())}}"}""";
        Thumbprint = CanonicalBase64.Url.Encode(Digest.Of(Encoding.ASCII.GetBytes(jwk)).AsSpan());
    }

    /// <summary>The key's name in a statement (<c>kid</c>): its RFC 7638 thumbprint, 43 base64url characters.</summary>
    public string Thumbprint { get; }

    /// <summary>Imports a raw key; false unless it is the canonical encoding of a point of the prime-order group.</summary>
    /// <param name="raw">The key; any length but 32 bytes gives false.</param>
    /// <param name="key">The key, or null when false.</param>
    public static bool TryImport(ReadOnlySpan<byte> raw, [NotNullWhen(true)] out VerifyingKey? key)
    {
        key = Sodium.IsValidEd25519Point(raw)
              && PublicKey.TryImport(SignatureAlgorithm.Ed25519, raw, KeyBlobFormat.RawPublicKey, out var point)
            ? new(point!)
            : null;
        return key is not null;
    }

    internal static VerifyingKey Of(Key key) => new(key.PublicKey);

    /// <summary>Whether <paramref name="signature"/> was made with this key over exactly <paramref name="message"/>.</summary>
    /// <param name="message">The signed bytes, unparsed.</param>
    /// <param name="signature">64 bytes; any other length is a failed check, not an error.</param>
    public bool Verifies(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        // libsodium computes sB - hA, which lies in the prime-order group because A does, and compares its canonical
        // encoding with R; the identity it refuses. So R needs no test of its own, which would cost two thirds more.
        SignatureAlgorithm.Ed25519.Verify(_key, message, signature);

    /// <summary>A new array with the raw key, 32 bytes.</summary>
    public byte[] ToArray() => _key.Export(KeyBlobFormat.RawPublicKey);

    /// <inheritdoc/>
    public bool Equals(VerifyingKey? other) => other is not null && _key.Equals(other._key);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VerifyingKey);

    /// <inheritdoc/>
    public override int GetHashCode() => _key.GetHashCode();

    /// <summary>The thumbprint.</summary>
    public override string ToString() => Thumbprint;
}
