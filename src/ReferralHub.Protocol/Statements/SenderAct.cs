using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>An act of the sender after sending. Spec: docs/protocol.md §3.3.</summary>
public sealed record SenderAct : FollowUp
{
    /// <summary>What the sender did.</summary>
    public required HandoffAct Act { get; init; }

    /// <summary>Who did it.</summary>
    public required Handle By { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.SenderAct;

    internal override bool IsWellFormed => Issuer != AgencyId.Hub && Handoff.ActorOf(Act) == Party.Sender;
}
