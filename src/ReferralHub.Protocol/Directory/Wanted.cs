using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Directory;

/// <summary>Why a service is none for a child.</summary>
public enum Mismatch
{
    /// <summary>Another service.</summary>
    Service,

    /// <summary>It takes nobody for now.</summary>
    Status,

    /// <summary>Outside its age limits, or not surely within.</summary>
    Age,

    /// <summary>It does not take this gender, or it is not known whether.</summary>
    Gender,

    /// <summary>It does not take from there.</summary>
    Area,

    /// <summary>The language is not spoken there.</summary>
    Language,

    /// <summary>It does not promise to meet a specific need.</summary>
    Need,
}

/// <summary>What somebody looks for in the directory. What is null does not matter.</summary>
public sealed record Wanted
{
    /// <summary>The family.</summary>
    public ServiceFamily? Family { get; init; }

    /// <summary>The exact service.</summary>
    public HelpService? Service { get; init; }

    /// <summary>Years of age, the youngest and the oldest that it may be.</summary>
    public (int From, int To)? Ages { get; init; }

    /// <summary>Gender.</summary>
    public Gender? Gender { get; init; }

    /// <summary>Where the child is.</summary>
    public AreaCode? Area { get; init; }

    /// <summary>The language in which the child is best understood.</summary>
    public Language? Language { get; init; }

    /// <summary>Specific needs.</summary>
    public IReadOnlyList<SpecificNeed> Needs { get; init; } = [];

    /// <summary>Everything in which a service does not match. Pure.</summary>
    public IReadOnlyList<Mismatch> Against(OfferedService offered)
    {
        ArgumentNullException.ThrowIfNull(offered);
        return [.. Mismatches(offered)];
    }

    private IEnumerable<Mismatch> Mismatches(OfferedService offered)
    {
        if ((Family is { } family && Services.FamilyOf(offered.Offers) != family) || (Service is { } service && offered.Offers != service)) yield return Mismatch.Service;
        if (offered.Status != ServiceStatus.Active) yield return Mismatch.Status;
        if (Ages is { } ages && (ages.From < offered.AgeFrom || ages.To > offered.AgeTo)) yield return Mismatch.Age;
        if (Gender is { } gender && offered.Genders?.Contains(gender) == false) yield return Mismatch.Gender;
        if (Area is { } area && !offered.Areas.Any(covered => Covers(covered, area))) yield return Mismatch.Area;
        if (Language is { } language && !offered.Languages.Contains(language)) yield return Mismatch.Language;
        if (Needs.Except(offered.Needs ?? []).Any()) yield return Mismatch.Need;
    }

    // North takes from all of north, north-coast only from there.
    private static bool Covers(AreaCode covered, AreaCode area) =>
        covered == area || area.ToString().StartsWith(covered + "-", StringComparison.Ordinal);
}

/// <summary>Services and their families.</summary>
public static class Services
{
    /// <summary>The family by which the hub knows a service.</summary>
    public static ServiceFamily FamilyOf(HelpService service) => service switch
    {
        HelpService.Safehouse => ServiceFamily.Shelter,
        HelpService.Medical or HelpService.ForensicExam => ServiceFamily.Medical,
        HelpService.Psychosocial => ServiceFamily.Psychosocial,
        HelpService.Police => ServiceFamily.Police,
        HelpService.Legal or HelpService.Documentation => ServiceFamily.Legal,
        HelpService.ChildProtection or HelpService.FamilyMediation or HelpService.Reunification or HelpService.Livelihoods => ServiceFamily.Social,
        HelpService.Education => ServiceFamily.Education,
        HelpService.Interpretation => ServiceFamily.Other,
    };
}
