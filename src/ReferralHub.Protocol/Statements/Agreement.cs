using System.Text.Json.Serialization;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>
/// One side of an information-sharing agreement. In force when the second side has repeated the terms
/// and named the first side's statement in <see cref="Accepts"/>. Spec: docs/protocol.md §3.3.
/// </summary>
public sealed record Agreement : Statement
{
    /// <summary>Id of the agreement, the same on both sides.</summary>
    [JsonPropertyName("agreement")]
    public required Guid AgreementId { get; init; }

    /// <summary>The other side.</summary>
    public required AgencyId To { get; init; }

    /// <summary>The jurisdiction policy under which both work.</summary>
    public required PolicyId Policy { get; init; }

    /// <summary>Who may send to whom: one direction or both.</summary>
    public required IReadOnlyList<Route> Routes { get; init; }

    /// <summary>For which purposes.</summary>
    public required IReadOnlyList<Purpose> Purposes { get; init; }

    /// <summary>Which categories, in the hub's words and order.</summary>
    public required IReadOnlyList<ClearCategory> Categories { get; init; }

    /// <summary>First second in which it counts.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>First second in which it no longer counts.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Days after which the recipient erases what it received, 1 to 3,650.</summary>
    public required int EraseAfterDays { get; init; }

    /// <summary>How long both have, in place of what the policy says; absent where that holds.</summary>
    public ClockTable? Clocks { get; init; }

    /// <summary>Id of the proposal this accepts; absent in the proposal.</summary>
    public Digest? Accepts { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.Agreement;

    internal override bool IsWellFormed =>
        Issuer != To && Issuer != AgencyId.Hub && To != AgencyId.Hub && From < Until && EraseAfterDays is >= 1 and <= 3650
        && NoneTwice(Routes) && Routes.All(IsBetweenUs) && NoneTwice(Purposes) && InOrder(Categories)
        && Clocks is null or { IsWellFormed: true };

    /// <summary>Whether <paramref name="from"/> may send to <paramref name="to"/> under these terms at <paramref name="now"/>.</summary>
    public bool Routed(AgencyId from, AgencyId to, DateTimeOffset now) =>
        From <= now && now < Until && Routes.Contains(new Route(from, to));

    /// <summary>Whether this is the other side of <paramref name="proposal"/>, term for term.</summary>
    /// <param name="proposal">The first side.</param>
    /// <param name="id">Its statement id.</param>
    public bool IsAcceptanceOf(Agreement proposal, Digest id) =>
        Accepts == id && proposal.Accepts is null
        && Issuer == proposal.To && To == proposal.Issuer && AgreementId == proposal.AgreementId && Policy == proposal.Policy
        && From == proposal.From && Until == proposal.Until && EraseAfterDays == proposal.EraseAfterDays && Clocks == proposal.Clocks
        && Routes.ToHashSet().SetEquals(proposal.Routes) && Purposes.ToHashSet().SetEquals(proposal.Purposes)
        && Categories.SequenceEqual(proposal.Categories);

    private bool IsBetweenUs(Route route) =>
        route == new Route(Issuer, To) || route == new Route(To, Issuer);
}

/// <summary>A direction in which referrals may go.</summary>
public sealed record Route(AgencyId From, AgencyId To);
