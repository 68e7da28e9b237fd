using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Cryptography.Statements;

/// <summary>
/// A statement as it travels: a JWS in compact serialization (RFC 7515) signed with Ed25519 (RFC 9864), in the one
/// spelling that docs/protocol.md §3.1 allows. Parsing checks the form only; <see cref="IsSignedBy"/> checks the
/// signature with a key that the caller looked up in the directory, never one taken from the token.
/// </summary>
public sealed class Jws
{
    /// <summary>The longest token in bytes.</summary>
    public const int MaxSize = 64 * 1024;

    private const int MaxKindLength = 40;
    private const string KindSuffix = "+jws";
    private const int KidLength = 43;

    private static readonly SearchValues<char> KindLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz-");

    private readonly byte[] _token;
    private readonly int _signingInputLength;
    private readonly byte[] _signature;

    private Jws(string typ, string kid, byte[] payload, byte[] token, int signingInputLength, byte[] signature)
    {
        (Typ, Kid, Payload) = (typ, kid, payload);
        (_token, _signingInputLength, _signature) = (token, signingInputLength, signature);
        Id = Digest.Of(SigningInput);
    }

    /// <summary>The statement's kind with <c>+jws</c>, as in <c>referral+jws</c>.</summary>
    public string Typ { get; }

    /// <summary>The thumbprint of the key that claims to have signed, 43 base64url characters.</summary>
    public string Kid { get; }

    /// <summary>The signed bytes, as received; never empty.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>
    /// The statement's id: SHA-256 of the signing input <c>header.payload</c>. It does not cover the signature, since a
    /// signer can make several over one input.
    /// </summary>
    public Digest Id { get; }

    /// <summary>The compact serialization, at most <see cref="MaxSize"/> ASCII characters.</summary>
    public string Token => Encoding.ASCII.GetString(_token);

    private ReadOnlySpan<byte> SigningInput => _token.AsSpan(0, _signingInputLength);

    /// <summary>Signs <paramref name="payload"/>.</summary>
    /// <param name="key">The signer's key; stays the caller's.</param>
    /// <param name="typ">1 to 40 of <c>a-z</c> and <c>-</c>, then <c>+jws</c>.</param>
    /// <param name="payload">The bytes to sign; not empty; copied.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="typ"/> has another form, <paramref name="payload"/> is empty, or the token would be longer than
    /// <see cref="MaxSize"/>.
    /// </exception>
    public static Jws Sign(SigningKey key, string typ, ReadOnlySpan<byte> payload)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(typ);
        if (!IsTyp(typ)) throw new ArgumentException($"Not a statement type: '{typ}'.", nameof(typ));
        if (payload.IsEmpty) throw new ArgumentException("A statement says something.", nameof(payload));

        var kid = key.VerifyingKey.Thumbprint;
        var signingInput = Encoding.ASCII.GetBytes(
            $"{CanonicalBase64.Url.Encode(Header(kid, typ))}.{CanonicalBase64.Url.Encode(payload)}");
        var signature = key.Sign(signingInput);
        byte[] token = [.. signingInput, (byte)'.', .. Encoding.ASCII.GetBytes(CanonicalBase64.Url.Encode(signature))];
        if (token.Length > MaxSize)
            throw new ArgumentException($"The token would be {token.Length} bytes, more than {MaxSize}.", nameof(payload));

        return new(typ, kid, payload.ToArray(), token, signingInput.Length, signature);
    }

    /// <summary>Reads a token; false unless it has the one allowed spelling. Does not check the signature.</summary>
    /// <param name="token">Bytes from anywhere; copied.</param>
    /// <param name="jws">The statement, or null when false.</param>
    public static bool TryParse(ReadOnlySpan<byte> token, [NotNullWhen(true)] out Jws? jws)
    {
        jws = null;
        if (token.Length > MaxSize) return false;

        var headerEnd = token.IndexOf((byte)'.');
        var payloadEnd = token.LastIndexOf((byte)'.');
        if (headerEnd == payloadEnd) return false;

        // A third dot would stand in the payload's part, where it is no base64url letter.
        if (!CanonicalBase64.Url.TryDecode(token[..headerEnd], out var header)
            || !TryReadHeader(header, out var kid, out var typ)
            || !CanonicalBase64.Url.TryDecode(token[(headerEnd + 1)..payloadEnd], out var payload)
            || payload.Length == 0
            || !CanonicalBase64.Url.TryDecode(token[(payloadEnd + 1)..], out var signature)
            || signature.Length != VerifyingKey.SignatureSize)
        {
            return false;
        }

        jws = new(typ, kid, payload, token.ToArray(), payloadEnd, signature);
        return true;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, out Jws)"/>
    public static bool TryParse(string? token, [NotNullWhen(true)] out Jws? jws)
    {
        jws = null;
        // What is not ASCII becomes a question mark, which is no letter of base64.
        return token is not null && TryParse(Encoding.ASCII.GetBytes(token), out jws);
    }

    /// <summary>Whether the header names <paramref name="key"/> and the signature is that key's.</summary>
    public bool IsSignedBy(VerifyingKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Kid == key.Thumbprint && key.Verifies(SigningInput, _signature);
    }

    /// <summary>The type and the id; nothing of the payload.</summary>
    public override string ToString() => $"{Typ} {Id}";

    private static byte[] Header(string kid, string typ) =>
        Encoding.ASCII.GetBytes($$"""{"alg":"Ed25519","kid":"{{kid}}","typ":"{{typ}}"}""");

    // Takes the two values from where the one allowed header has them, then compares with that header.
    private static bool TryReadHeader(ReadOnlySpan<byte> header, out string kid, out string typ)
    {
        const int kidAt = 24;                            // {"alg":"Ed25519","kid":"
        const int typAt = kidAt + KidLength + 9;         // ","typ":"
        const int end = 2;                               // "}
        (kid, typ) = ("", "");
        if (header.Length < typAt + end) return false;

        kid = Encoding.ASCII.GetString(header.Slice(kidAt, KidLength));
        typ = Encoding.ASCII.GetString(header[typAt..^end]);
        return IsTyp(typ)
            && CanonicalBase64.Url.TryDecode(kid, out _) // 32 bytes, as 43 letters are
            && header.SequenceEqual(Header(kid, typ));
    }

    private static bool IsTyp(string typ)
    {
        var kindLength = typ.Length - KindSuffix.Length;
        return kindLength is >= 1 and <= MaxKindLength
            && typ.EndsWith(KindSuffix, StringComparison.Ordinal)
            && !typ.AsSpan(0, kindLength).ContainsAnyExcept(KindLetters);
    }
}
