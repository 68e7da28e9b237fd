using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Alerts;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway.Alerts;

/// <summary>Who is told of a referral, by who is there and whom it is kept from.</summary>
public sealed class AddresseesTests
{
    private static readonly Handle Day = Handle.Parse("wrk0day"), Cover = Handle.Parse("wrk0cover"), Lead = Handle.Parse("wrk0lead");

    private static readonly Addressees All = new([Day], [Cover], [Lead]);

    [Theory]
    [InlineData("", "day,-", "lead,-")]
    [InlineData("day", "cover", "lead")]
    [InlineData("day cover", "lead", "lead")]
    [InlineData("lead", "day", "day")]
    [InlineData("lead day", "cover", "cover")]
    [InlineData("day cover lead", "", "")]
    public void The_duty_desk_is_who_is_on_duty_then_who_stands_in_then_the_lead_and_nobody_hears_of_what_is_kept_from_them(string from, string desk, string lead)
    {
        var keeping = new Keeping(false, from.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(person => Handle.Parse("wrk0" + person)).ToHashSet());
        Assert.Equal(desk, Text(All.Of(Audience.DutyDesk, keeping)));
        Assert.Equal(lead, Text(All.Of(Audience.Lead, keeping)));
    }

    [Fact]
    public void What_is_kept_from_all_is_told_to_nobody_and_without_people_only_to_the_mailboxes_of_the_agency()
    {
        Assert.Empty(All.Of(Audience.DutyDesk, new(true, new HashSet<Handle>())));
        Assert.Equal("-", Text(new Addressees([], [], []).Of(Audience.Lead, Keeping.None)));
    }

    private static string Text(IEnumerable<Handle?> people) => string.Join(',', people.Select(person => person?.ToString()["wrk0".Length..] ?? "-"));
}
