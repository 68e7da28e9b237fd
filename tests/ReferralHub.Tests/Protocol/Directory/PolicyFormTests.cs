using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Protocol.Evidence;

namespace ReferralHub.Tests.Protocol.Directory;

/// <summary>What a jurisdiction's policy may say, docs/protocol.md §4.2.</summary>
public sealed class PolicyFormTests
{
    private static readonly BasisRule Danger = new(Basis.VitalInterests, [LegalGround.DangerToLife], SecondApprover: true, Review: true, Under: 18);
    private static readonly BasisRule Agreed = new(Basis.Consent, [], SecondApprover: false, Review: false);
    private static readonly ConsentAge Young = new(0, 12, [[Grantor.Guardian], [Grantor.Caregiver, Grantor.ChildAssent]]);
    private static readonly ConsentAge Older = new(12, 18, [[Grantor.ChildConsent]]);

    private static readonly JurisdictionPolicy Whole = new()
    {
        Id = PolicyId.Parse("north"),
        Version = 1,
        IssuedAt = Story.Start,
        Bases = [Basis.Consent, Basis.VitalInterests],
        MaxConsentDays = 365,
        Rules = [Agreed, Danger],
        OnDelivery = [ReleaseReason.EvidenceWindow],
        OffByDefault = [Category.ImmigrationStatus],
        ConsentAges = [Young, Older],
        Areas = [AreaCode.Parse("north"), AreaCode.Parse("north-coast")],
        Clocks = ClockTable.Default,
        KeepRecordsDays = 3650,
    };

    public static TheoryData<string, JurisdictionPolicy> Contradictions => new()
    {
        { "no version", Whole with { Version = 0 } },
        { "no day for a consent", Whole with { MaxConsentDays = 0 } },
        { "more than ten years for a consent", Whole with { MaxConsentDays = 3651 } },
        { "records for less than a year", Whole with { KeepRecordsDays = 364 } },
        { "records for more than a century", Whole with { KeepRecordsDays = 36_501 } },
        { "no basis", Whole with { Bases = [], Rules = [] } },
        { "a basis twice", Whole with { Bases = [Basis.Consent, Basis.VitalInterests, Basis.Consent] } },
        { "a basis without its rule", Whole with { Rules = [Agreed] } },
        { "no rules at all", Whole with { Rules = null } },
        { "a rule for no basis of it", Whole with { Bases = [Basis.VitalInterests] } },
        { "two rules for a basis", Whole with { Rules = [Danger, Danger] } },
        { "one person alone without consent", Whole with { Rules = [Danger with { SecondApprover = false }] } },
        { "no review without consent", Whole with { Rules = [Danger with { Review = false }] } },
        { "no ground without consent", Whole with { Rules = [Danger with { Grounds = [] }] } },
        { "a ground twice", Whole with { Rules = [Danger with { Grounds = [LegalGround.DangerToLife, LegalGround.DangerToLife] }] } },
        { "younger than nobody", Whole with { Rules = [Danger with { Under = 0 }] } },
        { "a ground for a consent", Whole with { Rules = [Danger, Agreed with { Grounds = [LegalGround.Statute] }] } },
        { "an age for a consent", Whole with { Rules = [Danger, Agreed with { Under = 18 }] } },
        { "early for no reason", Whole with { OnDelivery = [] } },
        { "early for a reason twice", Whole with { OnDelivery = [ReleaseReason.EvidenceWindow, ReleaseReason.EvidenceWindow] } },
        { "nothing off rather than not said", Whole with { OffByDefault = [] } },
        { "a summary that is off", Whole with { OffByDefault = [Category.Summary] } },
        { "no ages rather than not said", Whole with { ConsentAges = [] } },
        { "ages not from birth on", Whole with { ConsentAges = [Older] } },
        { "a gap between ages", Whole with { ConsentAges = [Young, Older with { From = 13 }] } },
        { "ages that overlap", Whole with { ConsentAges = [Young, Older with { From = 11 }] } },
        { "an age that ends as it begins", Whole with { ConsentAges = [Young with { Until = 0 }, Older with { From = 0 }] } },
        { "older than anybody", Whole with { ConsentAges = [Young, Older with { Until = 201 }] } },
        { "nobody who suffices", Whole with { ConsentAges = [Young, Older with { Grantors = [] }] } },
        { "somebody twice", Whole with { ConsentAges = [Young, Older with { Grantors = [[Grantor.Court, Grantor.Court]] }] } },
        { "no area rather than any", Whole with { Areas = [] } },
        { "an area twice", Whole with { Areas = [AreaCode.Parse("north"), AreaCode.Parse("north")] } },
        { "a clock of no time", Whole with { Clocks = ClockTable.Default with { Review = new(0, ClockRun.Always) } } },
    };

    [Theory, MemberData(nameof(Contradictions))]
    public void A_policy_does_not_contradict_itself(string what, JurisdictionPolicy policy)
    {
        Assert.True(Whole.IsWellFormed);
        Assert.False(policy.IsWellFormed, what);
    }

    [Fact]
    public void A_policy_need_not_say_more_than_its_bases() =>
        Assert.True((Whole with { Bases = [Basis.Consent], Rules = null, OnDelivery = null, OffByDefault = null, ConsentAges = null, Areas = null, Clocks = null }).IsWellFormed);
}
