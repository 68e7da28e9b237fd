using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Protocol.Evidence;

namespace ReferralHub.Tests.Protocol.Consents;

/// <summary>The half of the check that only gateways can make: who agreed at which age, and to which exact categories.</summary>
public sealed class ContentCheckTests
{
    private static readonly JurisdictionPolicy Policy = new()
    {
        Id = PolicyId.Parse("north"),
        Version = 1,
        IssuedAt = Story.Start,
        Bases = [Basis.Consent],
        MaxConsentDays = 365,
        ConsentAges =
        [
            new(0, 14, [[Grantor.Caregiver], [Grantor.Guardian], [Grantor.Court]]),
            new(14, 18, [[Grantor.ChildAssent, Grantor.Guardian], [Grantor.ChildAssent, Grantor.Caregiver], [Grantor.Court]]),
            new(18, 22, [[Grantor.ChildConsent]]),
        ],
    };

    [Theory]
    [InlineData(AgeBand.From6To9, Grantor.Caregiver, null, null)]
    [InlineData(AgeBand.From6To9, Grantor.ChildAssent, null, ContentReason.GrantorsInsufficient)]
    [InlineData(AgeBand.From16To17, Grantor.ChildAssent, Grantor.Guardian, null)]
    [InlineData(AgeBand.From16To17, Grantor.Guardian, null, ContentReason.GrantorsInsufficient)]
    [InlineData(AgeBand.From13To15, Grantor.Guardian, null, ContentReason.GrantorsInsufficient)] // perhaps 14 already
    [InlineData(AgeBand.From13To15, Grantor.ChildAssent, Grantor.Guardian, null)]
    [InlineData(AgeBand.From18, Grantor.ChildConsent, null, null)]
    [InlineData(AgeBand.From18, Grantor.Guardian, null, ContentReason.GrantorsInsufficient)]
    [InlineData(AgeBand.Unknown, Grantor.Court, null, ContentReason.AgeUnclear)]
    public void Who_can_agree_at_which_age_is_the_policy_s_to_say(AgeBand age, Grantor first, Grantor? second, ContentReason? reason) =>
        Assert.Equal(
            reason is { } because ? [because] : [],
            ContentCheck.Against(Policy, Detail(Category.Identity) with { Grantors = second is { } more ? [first, more] : [first] }, age, [Category.Identity]));

    [Fact]
    public void An_age_beyond_the_policy_s_last_is_nobody_s_rule() =>
        Assert.Equal(
            [ContentReason.GrantorsInsufficient],
            ContentCheck.Against(Policy with { ConsentAges = [new(0, 18, [[Grantor.Court]])] }, Detail(Category.Identity) with { Grantors = [Grantor.Court] }, AgeBand.From18, []));

    [Fact]
    public void A_policy_without_ages_leaves_that_to_the_agency() =>
        Assert.Empty(ContentCheck.Against(Policy with { ConsentAges = null }, Detail(Category.Identity), AgeBand.Unknown, [Category.Identity]));

    [Fact]
    public void Each_exact_category_must_have_been_agreed_to_also_where_the_hub_knows_one_word_for_three() =>
        Assert.Equal(
            [ContentReason.CategoryNotAgreed],
            ContentCheck.Against(Policy with { ConsentAges = null }, Detail(Category.Health), AgeBand.From6To9, [Category.Health, Category.ImmigrationStatus]));

    [Fact]
    public void Immigration_status_is_off_unless_it_is_asked_for_by_name()
    {
        Category[] form = [Category.Identity, Category.ImmigrationStatus];
        Assert.Equal([Category.ImmigrationStatus], ContentCheck.Off(Policy, form, []));
        Assert.Empty(ContentCheck.Off(Policy, form, [Category.ImmigrationStatus]));
        Assert.Equal([Category.Identity], ContentCheck.Off(Policy with { OffByDefault = [Category.Identity] }, form, []));
    }

    [Theory]
    [InlineData(AgeBand.From16To17, null)]
    [InlineData(AgeBand.From18, ContentReason.AgeOutsideBasis)] // an adult consents
    [InlineData(AgeBand.Unknown, ContentReason.AgeUnclear)]
    public void A_basis_may_stand_for_the_young_only(AgeBand age, ContentReason? reason)
    {
        var rule = new BasisRule(Basis.MandatoryReport, [LegalGround.Statute], SecondApprover: true, Review: true, Under: 18);
        var policy = Policy with { Bases = [Basis.Consent, Basis.MandatoryReport], Rules = [rule] };
        Assert.True(policy.IsWellFormed);
        Assert.Equal(reason is { } because ? [because] : [], ContentCheck.Against(policy, Basis.MandatoryReport, Summarised(age)));
        Assert.Empty(ContentCheck.Against(policy, Basis.Consent, Summarised(age)));
    }

    [Fact]
    public void An_area_is_one_that_the_policy_names()
    {
        Assert.Empty(ContentCheck.Against(Policy, Basis.Consent, Summarised(AgeBand.From6To9)));
        Assert.Empty(ContentCheck.Against(Policy with { Areas = [AreaCode.Parse("north")] }, Basis.Consent, Summarised(AgeBand.From6To9)));
        Assert.Equal([ContentReason.AreaUnknown], ContentCheck.Against(Policy with { Areas = [AreaCode.Parse("south")] }, Basis.Consent, Summarised(AgeBand.From6To9)));
    }

    [Fact]
    public void A_policy_s_rules_fit_its_bases_and_its_ages_leave_no_gap()
    {
        var rule = new BasisRule(Basis.CourtOrder, [LegalGround.CourtRuling], SecondApprover: true, Review: true);
        var policy = Policy with { Bases = [Basis.Consent, Basis.CourtOrder], Rules = [rule] };
        Assert.True(policy.IsWellFormed);
        JurisdictionPolicy[] broken =
        [
            policy with { Rules = null },
            policy with { Rules = [] },
            policy with { Rules = [rule, rule] },
            policy with { Rules = [rule with { Grounds = [] }] },
            policy with { Rules = [rule with { Grounds = [LegalGround.Statute, LegalGround.Statute] }] },
            policy with { Rules = [rule with { SecondApprover = false }] },
            policy with { Rules = [rule with { Review = false }] },
            policy with { Rules = [rule, rule with { Basis = Basis.VitalInterests }] },
            policy with { Rules = [rule, new(Basis.Consent, [LegalGround.Statute], SecondApprover: false, Review: false)] },
            policy with { OnDelivery = [] },
            policy with { OffByDefault = [Category.Summary] },
            policy with { Areas = [] },
            policy with { Areas = [AreaCode.Parse("north"), AreaCode.Parse("north")] },
            policy with { Rules = [rule with { Under = 0 }] },
            policy with { ConsentAges = [] },
            policy with { ConsentAges = [new(1, 18, [[Grantor.Court]])] },
            policy with { ConsentAges = [new(0, 0, [[Grantor.Court]])] },
            policy with { ConsentAges = [new(0, 201, [[Grantor.Court]])] },
            policy with { ConsentAges = [new(0, 14, [[Grantor.Court]]), new(15, 18, [[Grantor.Court]])] },
            policy with { ConsentAges = [new(0, 14, [])] },
            policy with { ConsentAges = [new(0, 14, [[]])] },
        ];
        foreach (var (number, one) in broken.Index()) Assert.False(one.IsWellFormed, $"number {number}");
        Assert.True((policy with { Rules = [rule, new(Basis.Consent, [], SecondApprover: true, Review: false)] }).IsWellFormed);
    }

    private static Summary Summarised(AgeBand age) => new() { Service = ServiceFamily.Shelter, Urgency = Urgency.Urgent, AgeBand = age, Risk = Risk.High, Area = AreaCode.Parse("north") };

    private static ConsentDetail Detail(params Category[] categories) => new()
    {
        Grantors = [Grantor.Guardian],
        CompetenceAssessed = "yes",
        Categories = categories,
        Services = ["safehouse"],
        Form = ConsentForm.Written,
        Language = "Arabic",
        RisksExplained = "yes",
        ObtainedAt = Story.Start,
        ObtainedBy = "SYNTHETIC officer",
    };
}
