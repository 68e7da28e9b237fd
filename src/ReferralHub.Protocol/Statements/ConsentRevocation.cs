using System.Text.Json.Serialization;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>
/// The grantor took a consent back. Said by the agency that obtained it; needs no reason. Spec: docs/protocol.md §3.3, §3.8.
/// </summary>
public sealed record ConsentRevocation : Statement
{
    /// <summary>Id of the consent.</summary>
    [JsonPropertyName("consent")]
    public required Guid ConsentId { get; init; }

    /// <summary>Whom that consent names as recipient.</summary>
    public required AgencyId To { get; init; }

    /// <summary>Who recorded it.</summary>
    public required Handle By { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.ConsentRevocation;

    /// <inheritdoc/>
    public override Handle? Person => By;

    internal override bool IsWellFormed => Issuer != To && Issuer != AgencyId.Hub && To != AgencyId.Hub;

    /// <summary>Whether this takes back <paramref name="consent"/>: nobody but who obtained it can.</summary>
    public bool Revokes(Consent consent)
    {
        ArgumentNullException.ThrowIfNull(consent);
        return ConsentId == consent.ConsentId && Issuer == consent.Issuer && To == consent.To;
    }
}
