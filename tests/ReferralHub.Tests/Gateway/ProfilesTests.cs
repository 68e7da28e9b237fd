using ReferralHub.Gateway;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Protocol.Statements;

namespace ReferralHub.Tests.Gateway;

/// <summary>What agencies offer, and how another finds it (docs/protocol.md §3.9).</summary>
public sealed class ProfilesTests
{
    private static readonly SearchDirectory.Request Anything = new(null, null, null, null, null, null);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_is_found_by_what_it_is_age_area_language_and_gender()
    {
        await using var pair = await AgreedAsync();
        await PublishAsync(pair.Shelter);
        await CapacityAsync(pair.Shelter, LiveCapacity.Waitlist);

        var offer = Assert.Single((await SearchAsync(pair, new(HelpService.Safehouse, ServiceFamily.Shelter, 14, AreaCode.Parse("north"), Language.Ar, Gender.Girl))).Offers);

        Assert.Equal((pair.Shelter.Id, "safehouse", LiveCapacity.Waitlist, 2), (offer.Agency, offer.Service, offer.Capacity, offer.WaitDays));
        Assert.Equal("+96170000000", offer.Telephone.ToString());
        foreach (var other in new[]
        {
            Anything with { Service = HelpService.Medical }, Anything with { Family = ServiceFamily.Legal }, Anything with { Age = 18 },
            Anything with { Area = AreaCode.Parse("south") }, Anything with { Language = Language.Fr }, Anything with { Gender = Gender.Boy },
        })
        {
            Assert.Empty((await SearchAsync(pair, other)).Offers);
        }
    }

    [Fact]
    public async Task Without_an_agreement_that_lets_us_send_there_nothing_is_found()
    {
        await using var pair = await TestPair.StartAsync();
        await PublishAsync(pair.Shelter);
        await PublishAsync(pair.Police);
        Assert.Empty((await SearchAsync(pair, Anything)).Offers);

        await pair.AgreeAsync();

        Assert.Single((await SearchAsync(pair, Anything)).Offers);
        // The agreement goes one way only.
        Assert.Empty((await pair.Shelter.With(db => SearchDirectory.Handle(Anything, db, pair.Shelter.Own, pair.Shelter.Use<Profiles>(), pair.Shelter.Use<FollowDirectory>(), pair.Clock, Ct))).Offers);
    }

    [Fact]
    public async Task What_nobody_has_made_sure_of_for_half_a_year_is_said_to_be_stale()
    {
        await using var pair = await AgreedAsync();
        var today = DateOnly.FromDateTime(pair.Clock.GetUtcNow().UtcDateTime);
        var (fresh, old) = (ProfileTests.Safehouse with { Assured = today.AddDays(-Offer.AssuredDays) }, ProfileTests.Safehouse with { Number = 2, Assured = today.AddDays(-Offer.AssuredDays - 1) });
        await PublishAsync(pair.Shelter, old, fresh);

        var found = await SearchAsync(pair, Anything);

        Assert.Equal([false, true], found.Offers.Select(offer => offer.IsStale(found.At)));
        Assert.Equal([false, true], found.Offers.Select(offer => offer.Line(found.At).Contains("STALE", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Whether_it_is_open_and_how_old_its_capacity_is_are_told()
    {
        await using var pair = await AgreedAsync();
        await PublishAsync(pair.Shelter);
        var before = pair.Clock.GetUtcNow();
        Assert.Equal("capacity not said", Part(Assert.Single((await SearchAsync(pair, Anything)).Offers).Line(before), 2));
        await CapacityAsync(pair.Shelter, LiveCapacity.Capacity);

        var offer = Assert.Single((await SearchAsync(pair, Anything)).Offers);

        Assert.Equal(WorkingCalendar.Default.IsOpen(pair.Clock.GetUtcNow()), offer.OpenNow);
        Assert.Equal("capacity (said 3 h ago)", Part(offer.Line(offer.CapacityAt!.Value.AddHours(3).AddMinutes(5)), 2));
        Assert.Equal("opens 2026-03-02T09:00:00Z", Part((offer with { OpenNow = false, OpensAt = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero) }).Line(before), 3));
        Assert.Equal("hours not known here", Part((offer with { OpenNow = null }).Line(before), 3));
    }

    [Fact]
    public async Task While_the_hub_is_down_what_was_known_is_shown_and_it_is_said()
    {
        await using var pair = await AgreedAsync();
        await PublishAsync(pair.Shelter);
        Assert.Single((await SearchAsync(pair, Anything)).Offers);
        pair.Hub.IsDown = true;

        var found = await SearchAsync(pair, Anything);

        Assert.Equal((false, 1, Exit.Advice), (found.Fresh, found.Offers.Count, found.ExitCode()));
        Assert.Equal("+96170000000", found.Offers[0].Telephone.ToString());
    }

    [Fact]
    public async Task What_the_agency_did_not_sign_is_not_believed_and_raises_an_alarm()
    {
        await using var pair = await AgreedAsync();
        await PublishAsync(pair.Shelter);
        await SearchAsync(pair, Anything);
        var forged = SignedStatement.Sign(pair.Police.Own.Keys.Signing, await LaterAsync(pair, "+96170000666"));

        pair.Hub.Show(pair.Shelter.Id, forged);

        Assert.Equal("+96170000000", Assert.Single((await SearchAsync(pair, Anything)).Offers).Telephone.ToString());
        Assert.Equal(["profile-refused shelter: signature-invalid"], await pair.Police.AlarmsAsync());
        await SearchAsync(pair, Anything);
        Assert.Single(await pair.Police.AlarmsAsync());
    }

    [Fact]
    public async Task What_another_agency_signed_about_itself_is_not_shown_as_this_one_s()
    {
        await using var pair = await AgreedAsync();
        await PublishAsync(pair.Shelter);
        var theirs = SignedStatement.Sign(pair.Shelter.Own.Keys.Signing, await LaterAsync(pair, "+96170000666"));

        pair.Hub.Show(pair.Police.Id, theirs);
        await SearchAsync(pair, Anything);

        Assert.Equal([$"profile-refused {pair.Police.Id}: not-its-own"], await pair.Police.AlarmsAsync());
    }

    [Fact]
    public async Task An_older_word_that_the_hub_shows_again_takes_no_effect()
    {
        await using var pair = await AgreedAsync();
        await PublishAsync(pair.Shelter);
        await SearchAsync(pair, Anything);
        var now = await LaterAsync(pair, "+96170000001");
        pair.Hub.Show(pair.Shelter.Id, SignedStatement.Sign(pair.Shelter.Own.Keys.Signing, now));
        Assert.Equal("+96170000001", Assert.Single((await SearchAsync(pair, Anything)).Offers).Telephone.ToString());

        pair.Hub.Show(pair.Shelter.Id, SignedStatement.Sign(pair.Shelter.Own.Keys.Signing, now with { IssuedAt = now.IssuedAt.AddSeconds(-5), Telephone = Telephone.Parse("+96170000002") }));

        Assert.Equal("+96170000001", Assert.Single((await SearchAsync(pair, Anything)).Offers).Telephone.ToString());
        Assert.Empty(await pair.Police.AlarmsAsync());
    }

    [Fact]
    public async Task A_capacity_of_one_service_leaves_that_of_the_others()
    {
        await using var pair = await AgreedAsync();
        await PublishAsync(pair.Shelter, ProfileTests.Safehouse, ProfileTests.Safehouse with { Number = 2 });
        await CapacityAsync(pair.Shelter, LiveCapacity.Capacity);
        await pair.Shelter.With(db => SetCapacity.Handle(
            new(LiveCapacity.NoCapacity, HelpService.Safehouse, 2, pair.Shelter.Worker), db, pair.Shelter.Own, pair.Shelter.Use<Profiles>(), pair.Shelter.Use<Dispatch>(), Ct));

        var offers = (await SearchAsync(pair, Anything)).Offers;

        Assert.Equal([("safehouse", LiveCapacity.Capacity), ("safehouse-2", LiveCapacity.NoCapacity)], offers.Select(o => (o.Service, o.Capacity!.Value)));
    }

    [Fact]
    public async Task What_cannot_be_said_is_refused_before_it_is_signed()
    {
        await using var pair = await AgreedAsync();
        var shelter = pair.Shelter;
        async Task Refused(Refusal why, Func<Task> act) => Assert.Equal(why, (await Assert.ThrowsAsync<RefusedException>(act)).Refusal);

        await Refused(Refusal.NotFound, () => CapacityAsync(shelter, LiveCapacity.Capacity));
        await Refused(Refusal.Malformed, () => PublishAsync(shelter, ProfileTests.Safehouse with { AgeFrom = 18 }));
        await Refused(Refusal.Malformed, () => PublishAsync(shelter, WorkingHours.Default with { Zone = ZoneName.Parse("Nowhere/At-all") }));
        await Refused(Refusal.Malformed, () => PublishAsync(shelter, WorkingHours.Default with { Week = [] }));
        OfferedService[] many = [.. Enumerable.Range(1, 9).Select(n => ProfileTests.Safehouse with { Number = n, Languages = Enum.GetValues<Language>() })];
        await Refused(Refusal.TooLarge, () => PublishAsync(shelter, many));
        Assert.Null(await shelter.With(db => Profiles.FindAsync(db, shelter.Id, Ct)));
        await PublishAsync(shelter);
        await Refused(Refusal.NotFound, () => shelter.With(db => SetCapacity.Handle(
            new(LiveCapacity.Capacity, HelpService.Medical, 1, shelter.Worker), db, shelter.Own, shelter.Use<Profiles>(), shelter.Use<Dispatch>(), Ct)));
    }

    private static string Part(string line, int part) => line.Split("  ")[part];

    private static async Task<TestPair> AgreedAsync()
    {
        var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        return pair;
    }

    internal static Task PublishAsync(TestGateway gateway, params OfferedService[] services) => PublishAsync(gateway, WorkingHours.Default, services);

    internal static Task PublishAsync(TestGateway gateway, WorkingHours hours, params OfferedService[] services) => gateway.With(db => SetProfile.Handle(
        new(new(services.Length == 0 ? [ProfileTests.Safehouse] : services, hours, Telephone.Parse("+96170000000")), gateway.Worker),
        db, gateway.Use<Profiles>(), gateway.Use<FollowDirectory>(), gateway.Use<Dispatch>(), Ct));

    internal static Task CapacityAsync(TestGateway gateway, LiveCapacity capacity) => gateway.With(db => SetCapacity.Handle(
        new(capacity, null, 1, gateway.Worker), db, gateway.Own, gateway.Use<Profiles>(), gateway.Use<Dispatch>(), Ct));

    private static Task<SearchDirectory.Found> SearchAsync(TestPair pair, SearchDirectory.Request request) => pair.Police.With(db =>
        SearchDirectory.Handle(request, db, pair.Police.Own, pair.Police.Use<Profiles>(), pair.Police.Use<FollowDirectory>(), pair.Clock, Ct));

    private static async Task<Profile> LaterAsync(TestPair pair, string telephone)
    {
        var ours = await pair.Shelter.With(db => Profiles.FindAsync(db, pair.Shelter.Id, Ct));
        return ours!.Profile with { IssuedAt = ours.Profile.IssuedAt.AddSeconds(10), Telephone = Telephone.Parse(telephone) };
    }
}
