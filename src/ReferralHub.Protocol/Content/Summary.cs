using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Content;

/// <summary>
/// <c>summary.json</c>: what a recipient needs to decide, and nothing that identifies the child. Spec: docs/protocol.md §2.6.
/// </summary>
public sealed record Summary
{
    /// <summary>The family of help, as in the routing facts.</summary>
    public required ServiceFamily Service { get; init; }

    /// <summary>How soon, as in the routing facts.</summary>
    public required Urgency Urgency { get; init; }

    /// <summary>Years, from and to, such as <c>13-15</c>.</summary>
    public required string AgeBand { get; init; }

    /// <summary>The sender's assessment.</summary>
    public required Risk Risk { get; init; }

    /// <summary>Coarse area, never an address.</summary>
    public required string Area { get; init; }

    /// <summary>Gender, as the child says.</summary>
    public string? Gender { get; init; }

    /// <summary>Language and whether an interpreter is needed.</summary>
    public string? Language { get; init; }

    /// <summary>Disability and other needs that decide whether the recipient can help.</summary>
    public IReadOnlyList<string>? SpecificNeeds { get; init; }

    /// <summary>Absolute deadline of a need that lapses, a forensic examination for one.</summary>
    public DateTimeOffset? EvidenceWindow { get; init; }

    /// <summary>What to mind before any contact.</summary>
    public IReadOnlyList<string>? SafeContactFlags { get; init; }

    /// <summary>Names of people at the recipient who must never see that this referral exists.</summary>
    public IReadOnlyList<string>? ExcludedPeople { get; init; }

    /// <summary>Names the type only: the text of a summary belongs nowhere but on a screen.</summary>
    public override string ToString() => nameof(Summary);
}

/// <summary>A sender's assessment of risk.</summary>
public enum Risk
{
    /// <summary>High.</summary>
    High,

    /// <summary>Medium.</summary>
    Medium,

    /// <summary>Low.</summary>
    Low,
}
