using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>Says that a person looked at opened content, or took it out of the gateway. Spec: docs/protocol.md §3.3.</summary>
public sealed record Access : FollowUp
{
    /// <summary>What the person did.</summary>
    public required AccessAct Act { get; init; }

    /// <summary>With which part.</summary>
    public required Part Part { get; init; }

    /// <summary>Digest of its age file.</summary>
    public required Digest Sha256 { get; init; }

    /// <summary>What for.</summary>
    public required Purpose Purpose { get; init; }

    /// <summary>Who.</summary>
    public required Handle By { get; init; }

    /// <summary>Why it was opened although the feed had not been read for 60 minutes; absent when it had.</summary>
    public BreakGlass? BreakGlass { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.Access;

    /// <inheritdoc/>
    public override (Part Part, Digest Sha256)? Concerns => (Part, Sha256);

    /// <inheritdoc/>
    public override Handle? Person => By;

    internal override bool IsWellFormed => Issuer != AgencyId.Hub;
}
