using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Consents;

/// <summary>Why content may not go, or not be opened, as only the two gateways can tell.</summary>
public enum ContentReason
{
    /// <summary>A category that neither the grantor agreed to nor, on another basis, the sender has listed.</summary>
    CategoryNotAgreed,

    /// <summary>A category that is off by default, and nobody asked for it.</summary>
    CategoryOff,

    /// <summary>Those who agreed do not suffice at this age.</summary>
    GrantorsInsufficient,

    /// <summary>The age is not known, so nobody can tell who had to agree.</summary>
    AgeUnclear,

    /// <summary>The policy lets this basis stand for younger people only.</summary>
    AgeOutsideBasis,

    /// <summary>The policy names areas, and not this one.</summary>
    AreaUnknown,
}

/// <summary>
/// The half of the consent check that the hub cannot make, since age, grantors and exact categories are sealed: pure, at the
/// sender's gateway before sealing and at the recipient's at every opening. Spec: docs/protocol.md §3.5.
/// </summary>
public static class ContentCheck
{
    private static readonly Category[] OffUnlessSaid = [Category.ImmigrationStatus];

    /// <summary>Why a consent does not carry this content; empty when it does.</summary>
    /// <param name="policy">The policy in force.</param>
    /// <param name="detail">The sealed half of the consent.</param>
    /// <param name="ageBand">The age in the summary.</param>
    /// <param name="categories">What the record has.</param>
    public static IReadOnlyList<ContentReason> Against(
        JurisdictionPolicy policy, ConsentDetail detail, AgeBand ageBand, IEnumerable<Category> categories)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(detail);
        List<ContentReason> reasons = [];
        if (categories.Except(detail.Categories).Any()) reasons.Add(ContentReason.CategoryNotAgreed);
        if (policy.ConsentAges is not { } ages) return reasons;
        if (!TryReadAge(ageBand, out var youngest, out var oldest)) reasons.Add(ContentReason.AgeUnclear);
        // Whoever may be of either of two ages needs what both need.
        else if (!ages.Where(age => age.From <= oldest && youngest < age.Until).All(age => Suffice(age, detail.Grantors)) || oldest >= ages[^1].Until)
            reasons.Add(ContentReason.GrantorsInsufficient);
        return reasons;
    }

    /// <summary>Why a policy does not let a summary go, whatever the grantor agreed to; empty when it does.</summary>
    /// <param name="policy">The policy in force.</param>
    /// <param name="basis">What the referral rests on.</param>
    /// <param name="summary">What is to go, or came.</param>
    public static IReadOnlyList<ContentReason> Against(JurisdictionPolicy policy, Basis basis, Summary summary)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(summary);
        List<ContentReason> reasons = [];
        if (policy.Areas?.Contains(summary.Area) == false) reasons.Add(ContentReason.AreaUnknown);
        if (policy.RuleFor(basis)?.Under is not { } under) return reasons;
        if (!TryReadAge(summary.AgeBand, out _, out var oldest)) reasons.Add(ContentReason.AgeUnclear);
        else if (oldest >= under) reasons.Add(ContentReason.AgeOutsideBasis);
        return reasons;
    }

    /// <summary>The categories of <paramref name="categories"/> that are off by default and not <paramref name="asked"/> for.</summary>
    public static IReadOnlyList<Category> Off(JurisdictionPolicy policy, IEnumerable<Category> categories, IReadOnlyCollection<Category> asked)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return [.. categories.Intersect(policy.OffByDefault ?? OffUnlessSaid).Except(asked)];
    }

    private static bool Suffice(ConsentAge age, IReadOnlyList<Grantor> agreed) =>
        age.Grantors.Any(together => together.All(agreed.Contains));

    // From 18 on one age stands for all.
    private static bool TryReadAge(AgeBand band, out int youngest, out int oldest)
    {
        (youngest, oldest) = band switch
        {
            AgeBand.UpTo5 => (0, 5),
            AgeBand.From6To9 => (6, 9),
            AgeBand.From10To12 => (10, 12),
            AgeBand.From13To15 => (13, 15),
            AgeBand.From16To17 => (16, 17),
            AgeBand.From18 => (18, 18),
            AgeBand.Unknown => (-1, -1),
        };
        return youngest >= 0;
    }
}
