using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>What waits for a second person.</summary>
internal enum DraftKind
{
    /// <summary>A referral that rests on the law; its content is sealed to ourselves.</summary>
    Referral,

    /// <summary>A legal hold, or its release.</summary>
    LegalHold,
}

/// <summary>What one person wants to say and a second one has not approved yet.</summary>
internal sealed class KeptDraft
{
    /// <summary>Of a referral its id to be; of a hold an id of its own.</summary>
    public required Guid Id { get; init; }

    public required DraftKind Kind { get; init; }

    /// <summary>The referral that it is, or is about.</summary>
    public required Guid Referral { get; init; }

    /// <summary>Who signed in to write it.</summary>
    public required Handle By { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The statement without heads, time and parts, as JSON: routing facts only.</summary>
    public required string Facts { get; init; }

    /// <summary>Names of people who must not see the referral that it is to be, sealed to ourselves; null when there are none.</summary>
    public byte[]? SealedExclusions { get; init; }
}
