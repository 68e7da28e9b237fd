using ReferralHub.Gateway;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Protocol.Statements;

namespace ReferralHub.Tests.Gateway;

/// <summary>Who else could take what was declined (docs/protocol.md §3.9). All people are SYNTHETIC.</summary>
public sealed class AlternativesTests
{
    private const string Girl = """{"identity":{"name":"SYNTHETIC Sara","age":14,"gender":"girl","language":"fr"}}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_decline_offers_who_can_take_it_and_the_one_suggested_first()
    {
        await using var pair = await TestPair.StartAsync();
        await using var near = await JoinAsync(pair, "near-shelter", ProfileTests.Safehouse);
        await using var suggested = await JoinAsync(pair, "small-shelter", ProfileTests.Safehouse with { WaitDays = 30 });
        await using var full = await JoinAsync(pair, "full-shelter", ProfileTests.Safehouse);
        await using var younger = await JoinAsync(pair, "younger-shelter", ProfileTests.Safehouse with { AgeTo = 14 });
        await using var boys = await JoinAsync(pair, "boys-shelter", ProfileTests.Safehouse with { Genders = [Gender.Boy] });
        await using var far = await JoinAsync(pair, "far-shelter", ProfileTests.Safehouse with { Areas = [AreaCode.Parse("south")] });
        await using var clinic = await JoinAsync(pair, "clinic", ProfileTests.Safehouse with { Offers = HelpService.Medical });
        await using var stranger = await JoinAsync(pair, "stranger", ProfileTests.Safehouse, agreed: false);
        await ProfilesTests.PublishAsync(pair.Shelter);
        await ProfilesTests.CapacityAsync(full, LiveCapacity.NoCapacity);
        await ProfilesTests.CapacityAsync(near, LiveCapacity.Capacity);
        var id = await DeclinedAsync(pair, suggested.Id);

        var found = await FindAsync(pair, id);

        Assert.Equal([suggested.Id, near.Id], found.Offers.Select(o => o.Agency));
        Assert.Equal((suggested.Id, Exit.Good), (found.Suggested, found.ExitCode()));
    }

    [Fact]
    public async Task An_excluded_agency_is_offered_neither_as_an_alternative_nor_by_the_search()
    {
        await using var pair = await TestPair.StartAsync();
        await using var near = await JoinAsync(pair, "near-shelter", ProfileTests.Safehouse);
        var id = await DeclinedAsync(pair, suggests: near.Id);
        Assert.Equal(near.Id, Assert.Single((await FindAsync(pair, id)).Offers).Agency);

        var police = pair.Police;
        await police.With(db => AgencyExclusions.Handle(
            new("SYNTHETIC child 1", police.Worker, near.Id), db, police.Own, police.Use<FollowDirectory>(), pair.Clock, Ct));

        Assert.Empty((await FindAsync(pair, id)).Offers);
        Assert.Empty(await SearchAsync("SYNTHETIC child 1"));
        Assert.Equal(near.Id, Assert.Single(await SearchAsync("SYNTHETIC child 2")).Agency);

        async Task<IReadOnlyList<Offer>> SearchAsync(string subject) => (await police.With(db => SearchDirectory.Handle(
            new(null, null, null, null, null, null, subject), db, police.Own, police.Use<Profiles>(), police.Use<FollowDirectory>(), pair.Clock, Ct))).Offers;
    }

    [Fact]
    public async Task Sending_it_there_is_one_step_with_a_new_consent_check()
    {
        await using var pair = await TestPair.StartAsync();
        await using var other = await JoinAsync(pair, "near-shelter", ProfileTests.Safehouse);
        var id = await DeclinedAsync(pair, suggests: null);
        var to = Assert.Single((await FindAsync(pair, id)).Offers).Agency;
        Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => ResendAsync(pair, id, to))).Refusal);

        await pair.Police.RevokeAsync((await pair.ConsentAsync(to: to)).Consent);
        var e = await Assert.ThrowsAsync<RefusedException>(() => ResendAsync(pair, id, to));
        Assert.Equal((Refusal.ConsentRefused, "consent-revoked"), (e.Refusal, string.Join(' ', e.Reasons)));

        await pair.ConsentAsync(to: to);
        var again = await ResendAsync(pair, id, to);

        await other.SyncAsync();
        await other.AcknowledgeAsync(again.Referral);
        Assert.Equal(other.Id, (await other.AcceptAsync(again.Referral)).Responsible);
    }

    [Fact]
    public async Task One_who_was_suggested_and_cannot_take_it_is_named_and_not_offered()
    {
        await using var pair = await TestPair.StartAsync();
        await using var full = await JoinAsync(pair, "full-shelter", ProfileTests.Safehouse);
        await ProfilesTests.CapacityAsync(full, LiveCapacity.NoCapacity);
        var id = await DeclinedAsync(pair, full.Id);

        var found = await FindAsync(pair, id);

        Assert.Equal((full.Id, Exit.Advice), (found.Suggested, found.ExitCode()));
        Assert.Empty(found.Offers);
        using var text = new StringWriter();
        found.Print(text);
        Assert.Contains($"{full.Id} was suggested, but cannot take it", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_sender_s_own_people_ask_and_only_an_agency_of_the_directory_is_suggested()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await AcknowledgedAsync(pair);
        async Task Refused(Refusal why, Func<Task> act) => Assert.Equal(why, (await Assert.ThrowsAsync<RefusedException>(act)).Refusal);

        await Refused(Refusal.UnknownPerson, () => FindAsync(pair, id, Handle.Parse("nobody")));
        await Refused(Refusal.NotFound, () => FindAsync(pair, Guid.CreateVersion7(pair.Clock.GetUtcNow())));
        await Refused(Refusal.NotFound, () => pair.Shelter.With(db => ListAlternatives.Handle(
            id, new(pair.Shelter.Worker), db, pair.Shelter.Own, pair.Shelter.Use<Exclusions>(), pair.Shelter.Use<Copies>(), pair.Shelter.Use<Profiles>(), pair.Clock, Ct)));
        await Refused(Refusal.UnknownAgency, () => DeclineAsync(pair, id, AgencyId.Parse("nobody-there")));
        await Refused(Refusal.Malformed, () => DeclineAsync(pair, id, pair.Shelter.Id));
        await Refused(Refusal.Malformed, () => DeclineAsync(pair, id, pair.Police.Id));
    }

    private static async Task<TestGateway> JoinAsync(TestPair pair, string id, OfferedService service, bool agreed = true)
    {
        var gateway = new TestGateway(pair.Hub, id, AgencyKind.Shelter, pair.Clock);
        gateway.Enrol();
        await pair.JoinAsync(gateway);
        await pair.Police.SyncAsync();
        if (agreed) await pair.AgreeAsync(gateway);
        await ProfilesTests.PublishAsync(gateway, service);
        return gateway;
    }

    private static async Task<Guid> AcknowledgedAsync(TestPair pair)
    {
        await pair.AgreeAsync();
        var id = (await pair.Police.SendAsync(pair.Request(await pair.ConsentAsync(), Girl))).Referral;
        await pair.Shelter.SyncAsync();
        await pair.Shelter.AcknowledgeAsync(id);
        return id;
    }

    private static async Task<Guid> DeclinedAsync(TestPair pair, AgencyId? suggests)
    {
        var id = await AcknowledgedAsync(pair);
        await DeclineAsync(pair, id, suggests);
        await pair.Police.SyncAsync();
        Assert.Equal(HandoffState.Declined, (await pair.Police.ShowAsync(id)).State);
        return id;
    }

    private static Task<Acted> DeclineAsync(TestPair pair, Guid id, AgencyId? suggests) => pair.Shelter.With(db =>
        Decline.Handle(id, new(pair.Shelter.Worker, DeclineReason.NoCapacity, suggests), db, pair.Shelter.Use<Acts>(), pair.Shelter.Use<FollowDirectory>(), Ct));

    private static Task<ListAlternatives.Found> FindAsync(TestPair pair, Guid id, Handle? by = null) => pair.Police.With(db => ListAlternatives.Handle(
        id, new(by ?? pair.Police.Worker), db, pair.Police.Own, pair.Police.Use<Exclusions>(), pair.Police.Use<Copies>(), pair.Police.Use<Profiles>(), pair.Clock, Ct));

    private static Task<SendReferral.Sent> ResendAsync(TestPair pair, Guid id, AgencyId to) => pair.Police.With(db => Resend.Handle(
        id, new(pair.Police.Worker, to, null), db, pair.Police.Own, pair.Police.Use<Exclusions>(), pair.Police.Use<Outbox>(), pair.Police.Use<Dispatch>(), pair.Police.Use<FollowDirectory>(),
        pair.Police.Use<Copies>(), pair.Clock, Ct));
}
