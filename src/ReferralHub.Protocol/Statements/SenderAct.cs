using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>An act of the sender after sending. Which members go with which act is fixed. Spec: docs/protocol.md §3.3.</summary>
public sealed record SenderAct : FollowUp
{
    /// <summary>What the sender did.</summary>
    public required HandoffAct Act { get; init; }

    /// <summary>Who did it.</summary>
    public required Handle By { get; init; }

    /// <summary>With <see cref="HandoffAct.Withdrawn"/>: why.</summary>
    public WithdrawalReason? Reason { get; init; }

    /// <summary>With <see cref="HandoffAct.UrgencyChanged"/>: how soon a person must act from now on.</summary>
    public Urgency? Urgency { get; init; }

    /// <summary>With <see cref="HandoffAct.UrgencyChanged"/>: why.</summary>
    public UrgencyReason? UrgencyReason { get; init; }

    /// <summary>With <see cref="HandoffAct.InformationProvided"/>: the sealed answer.</summary>
    public IReadOnlyList<SealedPart>? Parts { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.SenderAct;

    /// <inheritdoc/>
    public override HandoffAct? Does => Act;

    /// <inheritdoc/>
    public override Handle? Person => By;

    /// <inheritdoc/>
    public override IReadOnlyList<SealedPart> Brings => Parts ?? [];

    internal override bool IsWellFormed =>
        Issuer != AgencyId.Hub
        && Handoff.ActorOf(Act) == Party.Sender
        && (Reason is not null) == (Act is HandoffAct.Withdrawn)
        && (Urgency is not null) == (Act is HandoffAct.UrgencyChanged)
        && (UrgencyReason is not null) == (Act is HandoffAct.UrgencyChanged)
        && IsOne(Parts, Acknowledgement.PartOf(Act));
}
