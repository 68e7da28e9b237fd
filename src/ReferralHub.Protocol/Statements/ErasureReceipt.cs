using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>The recipient has erased what it received, or says on what ground it keeps it. Spec: docs/protocol.md §3.3, §3.8.</summary>
public sealed record ErasureReceipt : FollowUp
{
    /// <summary>What was done.</summary>
    public required ErasureAct Act { get; init; }

    /// <summary>With <see cref="ErasureAct.Kept"/>: why.</summary>
    public KeepGround? Ground { get; init; }

    /// <summary>Who answers for it.</summary>
    public required Handle By { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.ErasureReceipt;

    /// <inheritdoc/>
    public override Handle? Person => By;

    internal override bool IsWellFormed => Issuer != AgencyId.Hub && (Ground is not null) == (Act is ErasureAct.Kept);
}
