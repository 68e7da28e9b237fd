using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>An act of the recipient. Which members go with which act is fixed. Spec: docs/protocol.md §3.3.</summary>
public sealed record Acknowledgement : FollowUp
{
    /// <summary>What the recipient did.</summary>
    public required HandoffAct Act { get; init; }

    /// <summary>Who did it; absent when the gateway itself did (<see cref="HandoffAct.Delivered"/>).</summary>
    public Handle? By { get; init; }

    /// <summary>With <see cref="HandoffAct.Accepted"/>: when the service is expected to have begun.</summary>
    public DateTimeOffset? ExpectedBy { get; init; }

    /// <summary>With <see cref="HandoffAct.Declined"/>: why.</summary>
    public DeclineReason? Reason { get; init; }

    /// <summary>With <see cref="HandoffAct.Completed"/>: how it ended.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>With <see cref="HandoffAct.Completed"/>: the sealed note to the sender.</summary>
    public IReadOnlyList<SealedPart>? Parts { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.Acknowledgement;

    internal override bool IsWellFormed =>
        Issuer != AgencyId.Hub
        && (By is null) == (Act == HandoffAct.Delivered)
        && (ExpectedBy is not null) == (Act == HandoffAct.Accepted)
        && (Reason is not null) == (Act == HandoffAct.Declined)
        && (Outcome is not null) == (Act == HandoffAct.Completed)
        && (Act == HandoffAct.Completed ? Parts is [{ Part: Part.Note, Size: > 0 }] : Parts is null)
        && Handoff.ActorOf(Act) == Party.Recipient;
}
