using System.Text.Json.Serialization;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>What the hub did of its own.</summary>
public enum HubActCode
{
    /// <summary>Put together an evidence bundle.</summary>
    Evidence,

    /// <summary>Put together the index of many.</summary>
    EvidenceIndex,

    /// <summary>Ended a referral that nobody decided in time.</summary>
    Expired,

    /// <summary>Told that half of a clock's time is over.</summary>
    DueSoon,

    /// <summary>Told that a clock was missed, at each step of the chain.</summary>
    Overdue,

    /// <summary>Gave a referral back to its sender, since its recipient was closed.</summary>
    HandedBack,
}

/// <summary>An act of the hub. Which members go with which act is fixed. Spec: docs/protocol.md §3.3.</summary>
public sealed record HubAct : Statement
{
    /// <summary>What the hub did.</summary>
    public required HubActCode Act { get; init; }

    /// <summary>
    /// With <see cref="HubActCode.Evidence"/>: SHA-256 of the bundle's <c>manifest.json</c>; with
    /// <see cref="HubActCode.EvidenceIndex"/>: of <c>index.json</c>.
    /// </summary>
    public Digest? Manifest { get; init; }

    /// <summary>With an act about one: the referral.</summary>
    [JsonPropertyName("ref")]
    public Guid? Referral { get; init; }

    /// <summary>With an act about a referral: id of the statement that had set the state.</summary>
    public Digest? After { get; init; }

    /// <summary>With <see cref="HubActCode.DueSoon"/> and <see cref="HubActCode.Overdue"/>: what is owed.</summary>
    public ClockKind? Clock { get; init; }

    /// <summary>With them: when the clock is missed.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>With <see cref="HubActCode.Overdue"/>: how far the chain has climbed; never <see cref="ClockStep.Reminder"/>.</summary>
    public ClockStep? Step { get; init; }

    /// <summary>The step of the chain that this is; null for another act.</summary>
    public ClockStep? Chain => Act is HubActCode.DueSoon ? ClockStep.Reminder : Step;

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.HubAct;

    /// <inheritdoc/>
    public override Guid? About => Referral;

    /// <inheritdoc/>
    public override HandoffAct? Does => Act switch
    {
        HubActCode.Expired => HandoffAct.Expired,
        HubActCode.HandedBack => HandoffAct.HandedBack,
        _ => null,
    };

    /// <inheritdoc/>
    public override Digest? Follows => After;

    internal override bool IsWellFormed =>
        Issuer == AgencyId.Hub
        && (Manifest is not null) == (Act is HubActCode.Evidence or HubActCode.EvidenceIndex)
        && (Referral is null) == (Act is HubActCode.Evidence or HubActCode.EvidenceIndex)
        && (After is null) == (Act is HubActCode.Evidence or HubActCode.EvidenceIndex)
        && (Clock is not null) == (Act is HubActCode.DueSoon or HubActCode.Overdue)
        && (Due is not null) == (Act is HubActCode.DueSoon or HubActCode.Overdue)
        && (Step is not null) == (Act is HubActCode.Overdue)
        && Step is not ClockStep.Reminder;
}
