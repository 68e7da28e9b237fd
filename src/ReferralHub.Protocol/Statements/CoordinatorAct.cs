using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>What a coordinator did.</summary>
public enum CoordinatorActCode
{
    /// <summary>Looked at the coded facts of a referral that went without consent or was released early.</summary>
    Reviewed,

    /// <summary>Asked a party to act.</summary>
    Nudged,

    /// <summary>Told the lead of a party.</summary>
    Escalated,

    /// <summary>Named agencies to the sender that might take the child on.</summary>
    Alternates,
}

/// <summary>
/// An act of a coordinator, which the hub signs on behalf of the one it names: coordinators belong to no agency and have no
/// keys of their own. Spec: docs/protocol.md §3.3.
/// </summary>
public sealed record CoordinatorAct : FollowUp
{
    /// <summary>What the coordinator did.</summary>
    public required CoordinatorActCode Act { get; init; }

    /// <summary>The coordinator.</summary>
    public required Handle By { get; init; }

    /// <summary>With <see cref="CoordinatorActCode.Reviewed"/>: what came of it.</summary>
    public ReviewFinding? Finding { get; init; }

    /// <summary>With <see cref="CoordinatorActCode.Nudged"/> and <see cref="CoordinatorActCode.Escalated"/>: whom.</summary>
    public Party? Party { get; init; }

    /// <summary>With <see cref="CoordinatorActCode.Alternates"/>: 1 to 5 agencies.</summary>
    public IReadOnlyList<AgencyId>? Agencies { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.CoordinatorAct;

    /// <inheritdoc/>
    public override Handle? Person => By;

    internal override bool IsWellFormed =>
        Issuer == AgencyId.Hub
        && (Finding is not null) == (Act is CoordinatorActCode.Reviewed)
        && (Party is not null) == (Act is CoordinatorActCode.Nudged or CoordinatorActCode.Escalated)
        && Party is not Handoffs.Party.Hub
        && (Agencies is not null) == (Act is CoordinatorActCode.Alternates)
        && (Agencies is null || (Agencies.Count <= 5 && NoneTwice(Agencies) && !Agencies.Contains(AgencyId.Hub)));
}
