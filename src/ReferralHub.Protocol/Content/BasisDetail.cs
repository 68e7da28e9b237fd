using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Content;

/// <summary><c>basis.json</c>: why a referral goes without consent, in words that the hub must not see. Spec: docs/protocol.md §2.4.</summary>
public sealed record BasisDetail
{
    /// <summary>The reason.</summary>
    public required string Reason { get; init; }

    /// <summary>When the child was or will be told, or why not.</summary>
    public required string Told { get; init; }

    /// <summary>The exact categories that the reason carries.</summary>
    public required IReadOnlyList<Category> Categories { get; init; }

    /// <summary>Names the type only.</summary>
    public override string ToString() => nameof(BasisDetail);
}
