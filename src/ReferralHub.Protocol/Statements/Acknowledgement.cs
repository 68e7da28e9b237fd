using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>An act of the recipient. Which members go with which act is fixed. Spec: docs/protocol.md §3.3.</summary>
public sealed record Acknowledgement : FollowUp
{
    /// <summary>What the recipient did.</summary>
    public required HandoffAct Act { get; init; }

    /// <summary>Who did it; absent when the gateway itself did.</summary>
    public Handle? By { get; init; }

    /// <summary>With <see cref="HandoffAct.Accepted"/>: when the service is expected to have begun.</summary>
    public DateTimeOffset? ExpectedBy { get; init; }

    /// <summary>With <see cref="HandoffAct.Declined"/>: why.</summary>
    public DeclineReason? Reason { get; init; }

    /// <summary>With <see cref="HandoffAct.Declined"/>: another agency that may be able to take it. The sender decides and sends anew.</summary>
    public AgencyId? Suggests { get; init; }

    /// <summary>With <see cref="HandoffAct.Completed"/>: how it ended.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>With <see cref="HandoffAct.Failed"/>: why.</summary>
    public FailReason? Failure { get; init; }

    /// <summary>With <see cref="HandoffAct.Undeliverable"/> and <see cref="HandoffAct.ContentMismatch"/>: what is wrong.</summary>
    public DeliveryFault? Fault { get; init; }

    /// <summary>With <see cref="HandoffAct.ContentMismatch"/>: which part is not what it should be.</summary>
    public Part? Part { get; init; }

    /// <summary>With <see cref="HandoffAct.ContentMismatch"/>: digest of that part.</summary>
    public Digest? Sha256 { get; init; }

    /// <summary>The sealed question or note to the sender.</summary>
    public IReadOnlyList<SealedPart>? Parts { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.Acknowledgement;

    /// <inheritdoc/>
    public override HandoffAct? Does => Act;

    /// <inheritdoc/>
    public override Handle? Person => By;

    /// <inheritdoc/>
    public override IReadOnlyList<SealedPart> Brings => Parts ?? [];

    /// <inheritdoc/>
    public override (Part Part, Digest Sha256)? Concerns => Part is { } part && Sha256 is { } sha256 ? (part, sha256) : null;

    internal override bool IsWellFormed =>
        Issuer != AgencyId.Hub
        && Handoff.ActorOf(Act) == Party.Recipient
        && (By is null) == (Act is HandoffAct.Delivered or HandoffAct.Undeliverable or HandoffAct.ContentMismatch)
        && (ExpectedBy is not null) == (Act is HandoffAct.Accepted)
        && (Reason is not null) == (Act is HandoffAct.Declined)
        && (Suggests is null || (Act is HandoffAct.Declined && Suggests != Issuer && Suggests != AgencyId.Hub))
        && (Outcome is not null) == (Act is HandoffAct.Completed)
        && (Failure is not null) == (Act is HandoffAct.Failed)
        && (Fault is not null) == (Act is HandoffAct.Undeliverable or HandoffAct.ContentMismatch)
        && (Part is not null) == (Act is HandoffAct.ContentMismatch)
        && (Sha256 is not null) == (Act is HandoffAct.ContentMismatch)
        && IsOne(Parts, PartOf(Act));

    /// <summary>The one part that goes with an act of either party, or null.</summary>
    internal static Part? PartOf(HandoffAct act) => act switch
    {
        HandoffAct.InformationRequested => Wire.Part.Question,
        HandoffAct.InformationProvided => Wire.Part.Answer,
        HandoffAct.Completed or HandoffAct.Failed or HandoffAct.InterimNote or HandoffAct.Appointment => Wire.Part.Note,
        _ => null,
    };
}
