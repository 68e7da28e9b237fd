using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Claims;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Duty;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>Whom a summary excludes, the referral does not exist for. All names are invented.</summary>
public sealed class ExclusionTests
{
    private const string Identity = """{"identity":{"name":"SYNTHETIC Sara"}}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task For_a_person_named_like_an_excluded_one_the_referral_is_not_there_whatever_they_try()
    {
        await using var pair = await TestPair.StartAsync();
        var shelter = pair.Shelter;
        var excluded = await shelter.HireAsync("Nour al-Example");
        var id = await SendAsync(pair, "Noor Example");

        var missing = await Assert.ThrowsAsync<RefusedException>(() => shelter.ShowAsync(Guid.Empty, excluded));
        Func<Task>[] attempts =
        [
            () => shelter.ShowAsync(id, excluded),
            () => shelter.ShowAsync(id),
            () => shelter.AcknowledgeAsync(id, excluded),
            () => shelter.With(db => ReadSummary.Handle(id, new(excluded), db, shelter.Use<Looks>(), Ct)),
            () => shelter.With(db => OpenRecord.Handle(id, new(excluded), db, shelter.Use<Looks>(), pair.Clock, Ct)),
            () => shelter.With(db => ShowReceipts.Handle(id, excluded.ToString(), db, shelter.Use<Exclusions>(), Ct)),
        ];
        foreach (var attempt in attempts)
        {
            var e = await Assert.ThrowsAsync<RefusedException>(attempt);
            Assert.Equal((Refusal.NotFound, missing.Message.Replace(WireId.Text(Guid.Empty), WireId.Text(id))), (e.Refusal, e.Message));
        }

        Assert.Empty(await InboxAsync(shelter, excluded));
        Assert.Empty(await InboxAsync(shelter, by: null));
        Assert.Equal(id, Assert.Single(await InboxAsync(shelter, shelter.Worker)));
        await shelter.AcknowledgeAsync(id, shelter.Worker);
        Assert.Equal(HandoffState.Acknowledged, (await shelter.ShowAsync(id, shelter.Worker)).State);
    }

    [Fact]
    public async Task Nobody_gets_round_it_by_a_handle_that_is_nobodys()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.Shelter.HireAsync("Noor Example");
        var id = await SendAsync(pair, "Noor Example");

        var e = await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.ShowAsync(id, Handle.Parse("nobody")));

        Assert.Equal(Refusal.UnknownPerson, e.Refusal);
    }

    [Fact]
    public async Task Until_its_summary_is_read_here_a_referral_that_came_is_shown_to_nobody()
    {
        await using var pair = await TestPair.StartAsync();
        var lead = await pair.Shelter.HireAsync("Ada Berg", lead: true);
        var id = await SendAsync(pair, "Noor Example");
        await pair.Shelter.With(async db =>
        {
            await db.Referrals.ExecuteUpdateAsync(set => set.SetProperty(r => r.State, HandoffState.Sent));
            return await db.Parts.ExecuteUpdateAsync(set => set.SetProperty(p => p.Held, false));
        });

        foreach (var who in new[] { lead, pair.Shelter.Worker })
            Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.ShowAsync(id, who))).Refusal);
    }

    [Fact]
    public async Task A_lead_who_is_not_the_one_is_told_and_nobody_else()
    {
        await using var pair = await TestPair.StartAsync();
        var shelter = pair.Shelter;
        var excluded = await shelter.HireAsync("Noor Example", lead: true);
        var lead = await shelter.HireAsync("Ada Berg", lead: true);
        var id = await SendAsync(pair, "NOOR, Example");

        var told = Assert.Single(await AlarmsAsync(shelter, lead));
        Assert.Equal((AlarmCode.ExclusionMatched, WireId.Text(id)), (told.Code, told.Detail));
        Assert.Empty(await AlarmsAsync(shelter, excluded));
        Assert.Empty(await AlarmsAsync(shelter, shelter.Worker));
        Assert.Empty(await AlarmsAsync(shelter, by: null));
        Assert.Equal(0, (await shelter.SyncAsync()).Alarms);
        Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => ClearAsync(shelter, told.Id, excluded))).Refusal);
        await ClearAsync(shelter, told.Id, lead);
        await Assert.ThrowsAsync<RefusedException>(() => shelter.ShowAsync(id, excluded));
    }

    [Fact]
    public async Task Who_comes_later_is_kept_out_and_the_lead_is_told_then()
    {
        await using var pair = await TestPair.StartAsync();
        var lead = await pair.Shelter.HireAsync("Ada Berg", lead: true);
        var id = await SendAsync(pair, "Noor Example");
        Assert.Equal(id, (await pair.Shelter.ShowAsync(id)).Referral);
        Assert.Empty(await AlarmsAsync(pair.Shelter, lead));

        var alike = await pair.Shelter.HireAsync("نور Example");

        await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.ShowAsync(id, alike));
        Assert.Single(await AlarmsAsync(pair.Shelter, lead));
        Assert.Empty(await AlarmsAsync(pair.Shelter, alike));
    }

    [Fact]
    public async Task Who_is_excluded_stands_nowhere_in_clear()
    {
        await using var pair = await TestPair.StartAsync();
        await SendAsync(pair, "Canaryname Example");

        foreach (var side in new[] { pair.Police, pair.Shelter }) Assert.False(side.HoldsInClear("Canaryname"));
    }

    [Fact]
    public async Task That_an_excluded_person_was_refused_only_an_auditor_sees()
    {
        await using var pair = await TestPair.StartAsync();
        var shelter = pair.Shelter;
        var excluded = await shelter.HireAsync("Noor Example", "noor's own secret", lead: true, auditor: true);
        var lead = await shelter.HireAsync("Ada Berg", "ada's own secret", lead: true);
        var auditor = await shelter.HireAsync("Ole Grey", "ole's own secret", auditor: true);
        var id = await SendAsync(pair, "Noor Example");
        await Assert.ThrowsAsync<RefusedException>(() => shelter.ShowAsync(id, excluded));

        var one = Assert.Single(await RefusalsAsync(auditor, "ole's own secret"));
        Assert.Equal((id, excluded, "excluded"), (one.Referral, one.By, one.Reason));
        Assert.Empty(await RefusalsAsync(excluded, "noor's own secret"));
        Assert.Equal(Refusal.NotForYou, (await Assert.ThrowsAsync<RefusedException>(() => RefusalsAsync(lead, "ada's own secret"))).Refusal);
        Assert.Equal(Refusal.WrongSecret, (await Assert.ThrowsAsync<RefusedException>(() => RefusalsAsync(auditor, "ada's own secret"))).Refusal);

        async Task<IReadOnlyList<ListRefusals.Listed>> RefusalsAsync(Handle by, string secret) => (await shelter.With(db => ListRefusals.Handle(
            new(by, System.Text.Encoding.UTF8.GetBytes(secret)), db, shelter.Use<SignIn>(), shelter.Use<Exclusions>(), Ct))).Refusals;
    }

    [Fact]
    public async Task Nobody_owns_by_being_on_duty_what_they_must_not_know_of()
    {
        await using var pair = await TestPair.StartAsync();
        var shelter = pair.Shelter;
        var excluded = await shelter.HireAsync("Noor Example");
        var now = WireTime.Whole(pair.Clock.GetUtcNow());
        await shelter.With(db => AddShift.Handle(new(excluded, now, now.AddDays(1), Cover: false), db, Ct));
        await shelter.With(db => AddShift.Handle(new(shelter.Worker, now, now.AddDays(1), Cover: true), db, Ct));
        var id = await SendAsync(pair, "Noor Example");

        Assert.Equal(shelter.Worker, (await shelter.ShowAsync(id, shelter.Worker)).Owner);
        var ended = await shelter.With(db => EndShift.Handle(new(excluded, shelter.Worker), db, shelter.Use<Exclusions>(), pair.Clock, Ct));
        Assert.Empty(ended.HandedOver.Concat(ended.Kept));
    }

    [Fact]
    public async Task What_is_erased_is_kept_from_the_same_people_and_from_whoever_comes_later()
    {
        await using var pair = await TestPair.StartAsync();
        var shelter = pair.Shelter;
        var excluded = await shelter.HireAsync("Noor Example");
        var id = await SendAsync(pair, "Noor Example");
        await pair.Police.With(async db => await pair.Police.RevokeAsync((await db.Consents.SingleAsync(Ct)).Id));
        await shelter.SyncAsync();

        await shelter.EraseAsync(id, shelter.Worker);

        var later = await shelter.HireAsync("Ada Berg", lead: true);
        Assert.Null((await shelter.With(db => db.Referrals.SingleAsync(r => r.Id == id, Ct))).SealedExclusions);
        Assert.Equal(id, (await shelter.ShowAsync(id, shelter.Worker)).Referral);
        foreach (var by in new[] { excluded, later, null })
            Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => shelter.ShowAsync(id, by))).Refusal);
    }

    [Fact]
    public async Task At_the_sender_it_is_kept_from_those_of_that_name_but_not_from_whoever_wrote_it()
    {
        await using var pair = await TestPair.StartAsync();
        var police = pair.Police;
        var id = await SendAsync(pair, "Sam Synthetic");

        Assert.Equal(id, (await police.ShowAsync(id, police.Worker)).Referral);
        var other = await police.HireAsync("Sam Synthetic");
        Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => police.ShowAsync(id))).Refusal);
        Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => police.ShowAsync(id, other))).Refusal);
    }

    private static async Task<Guid> SendAsync(TestPair pair, params string[] excluded)
    {
        await pair.AgreeAsync();
        var request = pair.Request(await pair.ConsentAsync(), Identity);
        var need = request.File.Need with { ExcludedPeople = excluded };
        var sent = await pair.Police.SendAsync(request with { File = request.File with { Need = need } });
        await pair.Shelter.SyncAsync();
        return sent.Referral;
    }

    private static async Task<IReadOnlyList<Guid>> InboxAsync(TestGateway gateway, Handle? by) =>
        [.. (await gateway.With(db => ListReferrals.ReadAsync(db, gateway.Use<Exclusions>(), gateway.Use<FollowDirectory>(), gateway.Use<TimeProvider>(), Party.Recipient, by?.ToString(), Ct))).Referrals.Select(r => r.Referral)];

    private static async Task<IReadOnlyList<ListAlarms.Listed>> AlarmsAsync(TestGateway gateway, Handle? by) =>
        (await gateway.With(db => ListAlarms.Handle(new(by, All: false), db, gateway.Own, gateway.Use<Exclusions>(), Ct))).Alarms;

    private static Task<ClearAlarm.Done> ClearAsync(TestGateway gateway, long id, Handle by) => gateway.With(db =>
        ClearAlarm.Handle(id, new(by, "looked"), db, gateway.Own, gateway.Use<Exclusions>(), gateway.Use<TimeProvider>(), Ct));
}
