using System.Diagnostics.CodeAnalysis;
using System.Text;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Cryptography.Statements;

/// <summary>
/// One payload signed by several keys: the entry of the directory log (genesis, agency events). A JWS in the general JSON
/// serialization (RFC 7515 §7.2.1), in the one spelling that docs/protocol.md §4.2 allows: signatures in strictly ascending
/// order of <c>kid</c>, no unprotected header, no white space. Which signers an entry needs is the directory's rule, not
/// this type's.
/// </summary>
public sealed class CoSigned
{
    /// <summary>The longest entry in bytes: the length field of an entry bundle has 16 bits.</summary>
    public const int MaxSize = ushort.MaxValue;

    private CoSigned(IReadOnlyList<Jws> signatures) => Signatures = signatures;

    /// <summary>The signatures over the payload, at least one, by ascending <c>kid</c>; not yet checked.</summary>
    public IReadOnlyList<Jws> Signatures { get; }

    /// <summary>The bytes that every signer signed.</summary>
    public ReadOnlyMemory<byte> Payload => Signatures[0].Payload;

    /// <summary>The type that every signer signed, as in <c>agency-event+jws</c>.</summary>
    public string Typ => Signatures[0].Typ;

    /// <summary>SHA-256 of the payload: one value, however many have signed.</summary>
    public Digest PayloadDigest => Digest.Of(Payload.Span);

    /// <summary>Puts signatures together, in any order.</summary>
    /// <param name="signatures">At least one; all over the same payload and type, each by another key.</param>
    /// <exception cref="ArgumentException">
    /// There is none, payloads or types differ, a <c>kid</c> occurs twice, or the entry would be longer than
    /// <see cref="MaxSize"/>.
    /// </exception>
    public static CoSigned From(IEnumerable<Jws> signatures)
    {
        var sorted = signatures.OrderBy(signature => signature.Kid, StringComparer.Ordinal).ToList();
        if (!AreOneEntry(sorted))
            throw new ArgumentException("Not one payload and type, signed once by each of at least one key.", nameof(signatures));

        var entry = new CoSigned(sorted);
        var length = entry.ToArray().Length;
        if (length > MaxSize) throw new ArgumentException($"The entry would be {length} bytes, more than {MaxSize}.", nameof(signatures));
        return entry;
    }

    /// <summary>Reads an entry; false unless it has the one allowed spelling. Does not check the signatures.</summary>
    /// <param name="entry">Bytes from anywhere; copied.</param>
    /// <param name="coSigned">The entry, or null when false.</param>
    public static bool TryParse(ReadOnlySpan<byte> entry, [NotNullWhen(true)] out CoSigned? coSigned)
    {
        coSigned = null;
        if (entry.Length > MaxSize) return false;

        // No value holds a quotation mark, so each stands between the same two in every entry. Takes the values from there,
        // then compares with the one allowed spelling of them.
        const int payloadAt = 3, protectedAt = 9, signatureAt = 13, period = 8;
        var pieces = Encoding.ASCII.GetString(entry).Split('"');
        var signatures = new List<Jws>();
        for (var i = 0; i + signatureAt < pieces.Length; i += period)
        {
            if (!Jws.TryParse($"{pieces[i + protectedAt]}.{pieces[payloadAt]}.{pieces[i + signatureAt]}", out var jws)) return false;
            signatures.Add(jws);
        }

        if (!AreOneEntry(signatures)) return false;
        var read = new CoSigned(signatures);
        if (!entry.SequenceEqual(read.ToArray())) return false;
        coSigned = read;
        return true;
    }

    /// <summary>Whether one of the signatures is <paramref name="key"/>'s and verifies.</summary>
    public bool IsSignedBy(VerifyingKey key) => Signatures.Any(signature => signature.IsSignedBy(key));

    /// <summary>A new array with the entry's bytes, at most <see cref="MaxSize"/>.</summary>
    public byte[] ToArray()
    {
        var signatures = Signatures.Select(signature => signature.Token.Split('.'))
            .Select(token => $$"""{"protected":"{{token[0]}}","signature":"{{token[2]}}"}""");
        return Encoding.ASCII.GetBytes(
            $$"""{"payload":"{{CanonicalBase64.Url.Encode(Payload.Span)}}","signatures":[{{string.Join(',', signatures)}}]}""");
    }

    private static bool AreOneEntry(List<Jws> signatures)
    {
        for (var i = 1; i < signatures.Count; i++)
        {
            if (signatures[i].Typ != signatures[0].Typ
                || !signatures[i].Payload.Span.SequenceEqual(signatures[0].Payload.Span)
                || string.CompareOrdinal(signatures[i - 1].Kid, signatures[i].Kid) >= 0)
            {
                return false;
            }
        }

        return signatures.Count > 0;
    }
}
