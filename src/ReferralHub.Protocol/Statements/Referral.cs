using System.Text.Json.Serialization;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>The routing facts of a referral: all that the hub ever knows of it. Spec: docs/protocol.md §3.3.</summary>
public sealed record Referral : Statement
{
    /// <summary>Id of the referral.</summary>
    [JsonPropertyName("ref")]
    public required Guid ReferralId { get; init; }

    /// <summary>The recipient.</summary>
    public required AgencyId To { get; init; }

    /// <summary>The subject, under a code that only these two agencies share.</summary>
    public required CaseCode Case { get; init; }

    /// <summary>The family of help asked for.</summary>
    public required ServiceFamily Service { get; init; }

    /// <summary>How soon a person must act.</summary>
    public required Urgency Urgency { get; init; }

    /// <summary>What the recipient may use the content for.</summary>
    public required Purpose Purpose { get; init; }

    /// <summary>The ground it stands on.</summary>
    public required Basis Basis { get; init; }

    /// <summary>
    /// The consent it relies on; with another <see cref="Basis"/> the one that was denied or withdrawn, if one was asked for.
    /// </summary>
    public Guid? Consent { get; init; }

    /// <summary>With every basis but consent: what it rests on.</summary>
    public LegalGround? Ground { get; init; }

    /// <summary>With every basis but consent: whether the child was told.</summary>
    public ChildTold? Told { get; init; }

    /// <summary>The categories disclosed, in the hub's words and order.</summary>
    public required IReadOnlyList<ClearCategory> Categories { get; init; }

    /// <summary>When the record is handed over.</summary>
    public required ReleaseRule Release { get; init; }

    /// <summary>With <see cref="ReleaseRule.OnDelivery"/>: why.</summary>
    public ReleaseReason? ReleaseReason { get; init; }

    /// <summary>First second in which it is too late to accept.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>Who sent it.</summary>
    public required Handle By { get; init; }

    /// <summary>An earlier referral that this one takes the place of.</summary>
    public Guid? Replaces { get; init; }

    /// <summary>The sealed summary, then the sealed record.</summary>
    public required IReadOnlyList<SealedPart> Parts { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.Referral;

    /// <inheritdoc/>
    public override Guid? About => ReferralId;

    /// <inheritdoc/>
    public override IReadOnlyList<SealedPart> Brings => Parts;

    /// <inheritdoc/>
    public override Handle? Person => By;

    internal override bool IsWellFormed =>
        Issuer != To && Issuer != AgencyId.Hub && To != AgencyId.Hub && Replaces != ReferralId && InOrder(Categories)
        && Categories[0] == ClearCategory.Summary
        && (Consent is not null || Basis is not Basis.Consent)
        && (Ground is null) == (Basis is Basis.Consent) && (Told is null) == (Basis is Basis.Consent)
        && (ReleaseReason is null) == (Release is ReleaseRule.OnAcceptance)
        && Parts is [{ Part: Part.Summary, Size: > 0 }, { Part: Part.Record, Size: > 0 }]
        && Parts[0].Sha256 != Parts[1].Sha256;
}
