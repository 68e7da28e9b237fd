using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>Asks the hub for a sealed part. It is itself the signed receipt for it. Spec: docs/protocol.md §3.6.</summary>
public sealed record ReleaseRequest : FollowUp
{
    /// <summary>Which part.</summary>
    public required Part Part { get; init; }

    /// <summary>Digest of the age file asked for.</summary>
    public required Digest Sha256 { get; init; }

    /// <summary>What for.</summary>
    public required Purpose Purpose { get; init; }

    /// <summary>Who asked; absent when the gateway fetched by itself.</summary>
    public Handle? By { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.ReleaseRequest;

    /// <inheritdoc/>
    public override (Part Part, Digest Sha256)? Concerns => (Part, Sha256);

    /// <inheritdoc/>
    public override Handle? Person => By;

    internal override bool IsWellFormed => Issuer != AgencyId.Hub;
}
