using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Protocol.Statements;

namespace ReferralHub.Tests.Protocol.Directory;

/// <summary>Which service is for whom (docs/protocol.md §3.9).</summary>
public sealed class WantedTests
{
    private static readonly Wanted Girl = new()
    {
        Family = ServiceFamily.Shelter,
        Service = HelpService.Safehouse,
        Ages = (13, 15),
        Gender = Gender.Girl,
        Area = AreaCode.Parse("north"),
        Language = Language.Ar,
        Needs = [SpecificNeed.Hearing],
    };

    public static TheoryData<Wanted, Mismatch> Others => new()
    {
        { Girl with { Family = ServiceFamily.Medical }, Mismatch.Service },
        { Girl with { Service = HelpService.Medical }, Mismatch.Service },
        { Girl with { Ages = (9, 12) }, Mismatch.Age },
        { Girl with { Ages = (16, 18) }, Mismatch.Age },
        { Girl with { Gender = Gender.Boy }, Mismatch.Gender },
        { Girl with { Area = AreaCode.Parse("south") }, Mismatch.Area },
        { Girl with { Area = AreaCode.Parse("northern") }, Mismatch.Area },
        { Girl with { Language = Language.Fr }, Mismatch.Language },
        { Girl with { Needs = [SpecificNeed.Hearing, SpecificNeed.Sight] }, Mismatch.Need },
    };

    [Theory, MemberData(nameof(Others))]
    public void What_does_not_match_is_named(Wanted wanted, Mismatch mismatch)
    {
        Assert.Equal([mismatch], wanted.Against(ProfileTests.Safehouse));
        Assert.Empty(Girl.Against(ProfileTests.Safehouse));
    }

    [Fact]
    public void Whoever_looks_for_nothing_in_particular_finds_what_takes_somebody()
    {
        Assert.Empty(new Wanted().Against(ProfileTests.Safehouse));
        Assert.Equal([Mismatch.Status], new Wanted().Against(ProfileTests.Safehouse with { Status = ServiceStatus.Paused }));
    }

    [Fact]
    public void What_takes_from_an_area_takes_from_every_part_of_it_and_not_the_other_way_round()
    {
        var coast = ProfileTests.Safehouse with { Areas = [AreaCode.Parse("north-coast")] };

        Assert.Empty((Girl with { Area = AreaCode.Parse("north-coast") }).Against(ProfileTests.Safehouse));
        Assert.Equal([Mismatch.Area], Girl.Against(coast));
    }

    [Fact]
    public void A_service_that_names_no_gender_takes_everybody() =>
        Assert.Empty((Girl with { Gender = Gender.AnotherGender }).Against(ProfileTests.Safehouse with { Genders = null }));
}
