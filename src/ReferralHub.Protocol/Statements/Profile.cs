using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>
/// What an agency offers, when it is open and how to call its duty desk. The newest one counts. It is made of codes, numbers
/// and dates alone, so that it can hold no address: where a shelter is, nobody learns from the directory. Spec: docs/protocol.md §3.9.
/// </summary>
public sealed record Profile : Statement
{
    /// <summary>What it offers; at most 16, none twice.</summary>
    public required IReadOnlyList<OfferedService> Services { get; init; }

    /// <summary>When its people are at work.</summary>
    public required WorkingHours Hours { get; init; }

    /// <summary>The duty desk, for when the hub is down.</summary>
    public required Telephone Telephone { get; init; }

    /// <summary>Who says so.</summary>
    public required Handle By { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.Profile;

    /// <inheritdoc/>
    public override Handle? Person => By;

    /// <summary>Whether the members agree with each other, beyond what their types say.</summary>
    public bool IsSound() => IsWellFormed;

    internal override bool IsWellFormed =>
        Issuer != AgencyId.Hub && Services.Count <= 16 && Services.All(s => s.IsWellFormed)
        && Services.Select(s => s.Key).Distinct().Count() == Services.Count && Hours.IsWellFormed;
}

/// <summary>Which of an agency's services: of most kinds it has one, number 1.</summary>
/// <param name="Offers">What it is.</param>
/// <param name="Number">Which one of these, 1 to 9.</param>
public sealed record ServiceKey(HelpService Offers, int Number)
{
    /// <summary>For a person: <c>safehouse</c>, <c>safehouse-2</c>.</summary>
    public override string ToString() => Number == 1 ? Code.Text(Offers) : $"{Code.Text(Offers)}-{Number}";
}

/// <summary>One service, in the members of Open Referral HSDS that can be said in codes.</summary>
public sealed record OfferedService
{
    /// <summary>What it is.</summary>
    public required HelpService Offers { get; init; }

    /// <summary>Which one of these, 1 to 9.</summary>
    public required int Number { get; init; }

    /// <summary>Whether it takes anybody.</summary>
    public required ServiceStatus Status { get; init; }

    /// <summary>The youngest it takes, in years.</summary>
    public required int AgeFrom { get; init; }

    /// <summary>The oldest it takes, in years, at most 120.</summary>
    public required int AgeTo { get; init; }

    /// <summary>Whom it takes; absent: everybody.</summary>
    public IReadOnlyList<Gender>? Genders { get; init; }

    /// <summary>The specific needs that it can meet; absent: none that it promises.</summary>
    public IReadOnlyList<SpecificNeed>? Needs { get; init; }

    /// <summary>What it asks for beside; absent: nothing.</summary>
    public IReadOnlyList<Eligibility>? Eligibility { get; init; }

    /// <summary>The languages spoken there.</summary>
    public required IReadOnlyList<Language> Languages { get; init; }

    /// <summary>The areas that it takes from, coarsely; never where it is.</summary>
    public required IReadOnlyList<AreaCode> Areas { get; init; }

    /// <summary>How long one waits, in days, at most 365; absent: not known.</summary>
    public int? WaitDays { get; init; }

    /// <summary>When somebody last made sure of all this.</summary>
    public required DateOnly Assured { get; init; }

    /// <summary>What tells it from the agency's others.</summary>
    public ServiceKey Key => new(Offers, Number);

    internal bool IsWellFormed =>
        Number is >= 1 and <= 9 && AgeFrom >= 0 && AgeFrom <= AgeTo && AgeTo <= 120 && WaitDays is null or (>= 0 and <= 365)
        && Statement.NoneTwice(Languages) && Statement.NoneTwice(Areas)
        && (Genders is null || Statement.NoneTwice(Genders)) && (Needs is null || Statement.NoneTwice(Needs))
        && (Eligibility is null || Statement.NoneTwice(Eligibility));
}
