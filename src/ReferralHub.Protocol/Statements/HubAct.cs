using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>What the hub did of its own.</summary>
public enum HubActCode
{
    /// <summary>Put together an evidence bundle.</summary>
    Evidence,
}

/// <summary>An act of the hub. Spec: docs/protocol.md §3.3.</summary>
public sealed record HubAct : Statement
{
    /// <summary>What the hub did.</summary>
    public required HubActCode Act { get; init; }

    /// <summary>SHA-256 of the bundle's <c>manifest.json</c>.</summary>
    public required Digest Manifest { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.HubAct;

    internal override bool IsWellFormed => Issuer == AgencyId.Hub;
}
