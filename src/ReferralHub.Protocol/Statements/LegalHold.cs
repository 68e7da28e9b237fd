using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>
/// A party must keep what belongs to a referral: nothing of it is erased until that party releases its hold. Both take two
/// people (<see cref="Approval"/>). Spec: docs/protocol.md §3.3, §3.8.
/// </summary>
public sealed record LegalHold : FollowUp
{
    /// <summary>What happened to the hold.</summary>
    public required HoldAct Act { get; init; }

    /// <summary>Who asked for it; another one approves.</summary>
    public required Handle By { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.LegalHold;

    /// <inheritdoc/>
    public override Handle? Person => By;

    internal override bool IsWellFormed => Issuer != AgencyId.Hub;
}
