using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>Whether an agency can take somebody now, service by service. The newest one counts, and its age is told with it. Spec: docs/protocol.md §3.9.</summary>
public sealed record Capacity : Statement
{
    /// <summary>The state of each; at most 16, none twice.</summary>
    public required IReadOnlyList<ServiceCapacity> Services { get; init; }

    /// <summary>Who says so.</summary>
    public required Handle By { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.Capacity;

    /// <inheritdoc/>
    public override Handle? Person => By;

    internal override bool IsWellFormed =>
        Issuer != AgencyId.Hub && Services.Count is >= 1 and <= 16 && Services.All(s => s.Number is >= 1 and <= 9)
        && Services.Select(s => s.Key).Distinct().Count() == Services.Count;
}

/// <summary>The state of one service.</summary>
/// <param name="Offers">What it is.</param>
/// <param name="Number">Which one of these, 1 to 9.</param>
/// <param name="Capacity">Whether it can take somebody.</param>
public sealed record ServiceCapacity(Content.HelpService Offers, int Number, LiveCapacity Capacity)
{
    /// <summary>Which service.</summary>
    public ServiceKey Key => new(Offers, Number);
}
