using System.Text.Json.Serialization;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>What the hub did of its own.</summary>
public enum HubActCode
{
    /// <summary>Put together an evidence bundle.</summary>
    Evidence,

    /// <summary>Ended a referral that nobody decided in time.</summary>
    Expired,
}

/// <summary>An act of the hub. Which members go with which act is fixed. Spec: docs/protocol.md §3.3.</summary>
public sealed record HubAct : Statement
{
    /// <summary>What the hub did.</summary>
    public required HubActCode Act { get; init; }

    /// <summary>With <see cref="HubActCode.Evidence"/>: SHA-256 of the bundle's <c>manifest.json</c>.</summary>
    public Digest? Manifest { get; init; }

    /// <summary>With <see cref="HubActCode.Expired"/>: the referral.</summary>
    [JsonPropertyName("ref")]
    public Guid? Referral { get; init; }

    /// <summary>With <see cref="HubActCode.Expired"/>: id of the statement that had set the state.</summary>
    public Digest? After { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.HubAct;

    /// <inheritdoc/>
    public override Guid? About => Referral;

    /// <inheritdoc/>
    public override HandoffAct? Does => Act is HubActCode.Expired ? HandoffAct.Expired : null;

    /// <inheritdoc/>
    public override Digest? Follows => After;

    internal override bool IsWellFormed =>
        Issuer == AgencyId.Hub
        && (Manifest is not null) == (Act is HubActCode.Evidence)
        && (Referral is not null) == (Act is HubActCode.Expired)
        && (After is not null) == (Act is HubActCode.Expired);
}
