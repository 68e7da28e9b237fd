using System.Text.Json.Serialization;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>
/// What a grantor agreed to, as far as the hub must know it. The rest (who, how, in which language, the exact
/// services and categories) is sealed in the summary. Spec: docs/protocol.md §3.3.
/// </summary>
public sealed record Consent : Statement
{
    /// <summary>Days before <see cref="ValidUntil"/> from which on it is said to expire.</summary>
    public const int NoticeDays = 7;

    /// <summary>Id of the consent.</summary>
    [JsonPropertyName("consent")]
    public required Guid ConsentId { get; init; }

    /// <summary>Whom it is about.</summary>
    public required CaseCode Case { get; init; }

    /// <summary>The only agency that may receive under it.</summary>
    public required AgencyId To { get; init; }

    /// <summary>For which purposes.</summary>
    public required IReadOnlyList<Purpose> Purposes { get; init; }

    /// <summary>For which service families.</summary>
    public required IReadOnlyList<ServiceFamily> Services { get; init; }

    /// <summary>Which categories, in the hub's words and order.</summary>
    public required IReadOnlyList<ClearCategory> Categories { get; init; }

    /// <summary>First second in which it no longer counts.</summary>
    public required DateTimeOffset ValidUntil { get; init; }

    /// <summary>When the recipient erases what it received.</summary>
    public required DateTimeOffset EraseAt { get; init; }

    /// <summary>What the grantor said.</summary>
    public required ConsentStatus Status { get; init; }

    /// <summary>SHA-256 of the sealed detail (<c>consent.json</c>).</summary>
    public required Digest Detail { get; init; }

    /// <summary>Who recorded it.</summary>
    public required Handle By { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.Consent;

    /// <inheritdoc/>
    public override Handle? Person => By;

    /// <summary>Whether it runs out within <see cref="NoticeDays"/>, or has: what still relies on it needs another one soon.</summary>
    /// <param name="at">The time.</param>
    public bool IsExpiring(DateTimeOffset at) => at >= ValidUntil.AddDays(-NoticeDays);

    internal override bool IsWellFormed =>
        Issuer != To && Issuer != AgencyId.Hub && To != AgencyId.Hub && ValidUntil <= EraseAt
        && NoneTwice(Purposes) && NoneTwice(Services) && InOrder(Categories);
}
