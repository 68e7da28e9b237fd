using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Sealing.Envelopes;

/// <summary>
/// What the sender signs inside an envelope, so that nobody can re-address it and every member has an author.
/// Spec: docs/protocol.md §2.4.
/// </summary>
public sealed record InnerStatement
{
    /// <summary>The type of its token.</summary>
    public const string Typ = "inner+jws";

    /// <summary>Who sealed and signed.</summary>
    [JsonPropertyName("iss")]
    public required AgencyId Sender { get; init; }

    /// <summary>When, by the sender's clock, in whole seconds.</summary>
    [JsonPropertyName("iat")]
    public required DateTimeOffset SealedAt { get; init; }

    /// <summary>The referral it belongs to.</summary>
    [JsonPropertyName("ref")]
    public required Guid Referral { get; init; }

    /// <summary>Whom it is for.</summary>
    [JsonPropertyName("to")]
    public required AgencyId Recipient { get; init; }

    /// <summary>Which part it is.</summary>
    public required Part Part { get; init; }

    /// <summary>The exact categories of its content, in the order of §1.6, none twice.</summary>
    public required IReadOnlyList<Category> Categories { get; init; }

    /// <summary>The other members, in their order.</summary>
    public required IReadOnlyList<MemberDigest> Members { get; init; }

    /// <summary>The token that stands in the envelope.</summary>
    internal Jws Sign(SigningKey key) => Jws.Sign(key, Typ, StrictJson.Write(this));

    /// <summary>Reads a token's payload; false unless it is of this form. Does not check the signature.</summary>
    internal static bool TryRead(Jws token, [NotNullWhen(true)] out InnerStatement? statement)
    {
        statement = null;
        if (token.Typ != Typ || !StrictJson.TryRead<InnerStatement>(token.Payload.Span, out var read)) return false;
        if (!IsAscending(read.Categories)) return false;
        statement = read;
        return true;
    }

    internal static bool IsAscending(IReadOnlyList<Category> categories) =>
        categories.Zip(categories.Skip(1)).All(pair => pair.First < pair.Second);
}

/// <summary>A member as the inner statement lists it.</summary>
/// <param name="Path">Its path in the tar.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Sha256">The digest of its content.</param>
public sealed record MemberDigest(string Path, long Size, Digest Sha256);
