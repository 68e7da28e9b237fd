using System.Text;
using System.Text.Json.Nodes;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Statements;

/// <summary>What an agency can say of itself (docs/protocol.md §3.9): codes, numbers and dates.</summary>
public sealed class ProfileTests
{
    internal static readonly OfferedService Safehouse = new()
    {
        Offers = HelpService.Safehouse,
        Number = 1,
        Status = ServiceStatus.Active,
        AgeFrom = 10,
        AgeTo = 17,
        Genders = [Gender.Girl],
        Needs = [SpecificNeed.Hearing],
        Eligibility = [Eligibility.GuardianConsent],
        Languages = [Language.Ar, Language.En],
        Areas = [AreaCode.Parse("north")],
        WaitDays = 2,
        Assured = new(2026, 2, 27),
    };

    private static readonly Profile Whole = new()
    {
        Issuer = AgencyId.Parse("harbour"),
        IssuedAt = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero),
        Directory = new(4, default),
        AuditLog = new(0, default),
        Services = [Safehouse],
        Hours = WorkingHours.Default,
        Telephone = Telephone.Parse("+96170000000"),
        By = Handle.Parse("wrk0001"),
    };

    public static TheoryData<string, OfferedService> Contradictions => new()
    {
        { "number 0", Safehouse with { Number = 0 } },
        { "number 10", Safehouse with { Number = 10 } },
        { "an age below 0", Safehouse with { AgeFrom = -1 } },
        { "ages the wrong way round", Safehouse with { AgeFrom = 18 } },
        { "an age above 120", Safehouse with { AgeTo = 121 } },
        { "waiting for less than nothing", Safehouse with { WaitDays = -1 } },
        { "waiting for more than a year", Safehouse with { WaitDays = 366 } },
        { "no language", Safehouse with { Languages = [] } },
        { "no area", Safehouse with { Areas = [] } },
        { "an area twice", Safehouse with { Areas = [AreaCode.Parse("north"), AreaCode.Parse("north")] } },
        { "no gender rather than all", Safehouse with { Genders = [] } },
        { "a need twice", Safehouse with { Needs = [SpecificNeed.Diet, SpecificNeed.Diet] } },
    };

    [Theory, MemberData(nameof(Contradictions))]
    public void A_service_does_not_contradict_itself(string what, OfferedService service)
    {
        Assert.True(Whole.IsSound());
        Assert.False((Whole with { Services = [service] }).IsSound(), what);
    }

    [Fact]
    public void Hours_of_a_profile_are_hours() =>
        Assert.False((Whole with { Hours = WorkingHours.Default with { Week = [] } }).IsSound());

    [Fact]
    public void A_service_is_there_once_and_there_are_at_most_sixteen()
    {
        Assert.False((Whole with { Services = [Safehouse, Safehouse with { AgeTo = 20 }] }).IsSound());
        Assert.True((Whole with { Services = [Safehouse, Safehouse with { Number = 2 }] }).IsSound());
        Assert.True((Whole with { Services = [] }).IsSound());
        OfferedService[] many = [.. Enum.GetValues<HelpService>().SelectMany(offers => Enumerable.Range(1, 2).Select(number => Safehouse with { Offers = offers, Number = number }))];
        Assert.True((Whole with { Services = [.. many.Take(16)] }).IsSound());
        Assert.False((Whole with { Services = [.. many.Take(17)] }).IsSound());
    }

    [Theory]
    [InlineData("12 Example Street")]
    [InlineData("Example Street")]
    [InlineData("33.8938 35.5018")]
    [InlineData("the house behind the old mill")]
    [InlineData("example.org/place")]
    public void No_text_of_a_profile_can_be_an_address(string address)
    {
        var places = 0;
        var json = JsonNode.Parse(StrictJson.Write(Whole))!;
        foreach (var text in Texts(json).ToList())
        {
            places++;
            var changed = JsonNode.Parse(json.ToJsonString())!;
            Texts(changed).Single(t => t.GetPath() == text.GetPath()).ReplaceWith(address);
            Assert.False(StrictJson.TryRead<Profile>(Encoding.UTF8.GetBytes(changed.ToJsonString()), out _), text.GetPath());
        }

        Assert.True(places > 15, "every text must have been tried");
    }

    [Fact]
    public void A_second_service_of_a_kind_is_told_by_its_number() =>
        Assert.Equal(("safehouse", "safehouse-2"), (Safehouse.Key.ToString(), (Safehouse with { Number = 2 }).Key.ToString()));

    private static IEnumerable<JsonValue> Texts(JsonNode node) => node switch
    {
        JsonObject members => members.SelectMany(m => Texts(m.Value!)),
        JsonArray items => items.SelectMany(i => Texts(i!)),
        JsonValue value when value.GetValueKind() == System.Text.Json.JsonValueKind.String => [value],
        _ => [],
    };
}
