using System.Text;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>Referrals on the ground of the law, and what is checked at every opening (docs/protocol.md §3.5).</summary>
public sealed class WithoutConsentTests
{
    private const string Identity = """{"identity":{"name":"SYNTHETIC Sara"}}""";
    private const string First = "the first one's secret", Second = "the second one's secret";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_waits_as_a_sealed_draft_until_a_second_person_has_signed_in_and_approved()
    {
        await using var pair = await TestPair.StartAsync();
        var (one, two) = await TwoAsync(pair);
        await pair.AgreeAsync();

        var draft = (await pair.Police.DraftAsync(Request(pair, one, First))).Draft;
        Assert.Empty((await pair.Shelter.InboxAsync()).Referrals);
        Assert.False(pair.Police.HoldsInClear("SYNTHETIC Sara"));
        Assert.Equal(Refusal.NotForYou, (await Assert.ThrowsAsync<RefusedException>(() => pair.Police.ApproveAsync(draft, one, First))).Refusal);
        Assert.Equal(Refusal.WrongSecret, (await Assert.ThrowsAsync<RefusedException>(() => pair.Police.ApproveAsync(draft, two, First))).Refusal);

        var approved = await pair.Police.ApproveAsync(draft, two, Second);
        await pair.Shelter.SyncAsync();

        Assert.Equal((draft, Fate.Effective), (approved.Referral, approved.Fate));
        Assert.Empty(await pair.Shelter.AlarmsAsync());
        Assert.Equal("SYNTHETIC: danger tonight", (await pair.Shelter.SummaryAsync(draft)).Basis!.Reason);
        await pair.Shelter.AcknowledgeAsync(draft);
        await pair.Shelter.AcceptAsync(draft);
        Assert.Contains("identity", (await pair.Shelter.RecordAsync(draft)).Form.Keys);
        await pair.Police.SyncAsync();
        Assert.Equal(Basis.RiskOfSignificantHarm, Assert.Single((await pair.Police.AccountAsync("SYNTHETIC child 9")).Disclosures).Basis);
    }

    [Fact]
    public async Task The_second_person_reads_the_draft_and_nobody_sends_it_alone()
    {
        await using var pair = await TestPair.StartAsync();
        var (one, two) = await TwoAsync(pair);
        await pair.AgreeAsync();
        Assert.Equal(Refusal.Malformed, (await Assert.ThrowsAsync<RefusedException>(() => pair.Police.SendAsync(Request(pair, one, First)))).Refusal);
        Assert.Equal(Refusal.WrongSecret, (await Assert.ThrowsAsync<RefusedException>(() => pair.Police.DraftAsync(Request(pair, one, Second)))).Refusal);

        var draft = (await pair.Police.DraftAsync(Request(pair, one, First))).Draft;
        var shown = await pair.Police.ShowDraftAsync(draft, two, Second);

        Assert.Equal("SYNTHETIC: danger tonight", shown.Reason?.Reason);
        Assert.Equal("identity", Assert.Single(shown.Form!.Keys));
    }

    [Fact]
    public async Task Five_wrong_secrets_lock_a_person_for_a_quarter_of_an_hour_and_raise_an_alarm()
    {
        await using var pair = await TestPair.StartAsync();
        var (one, _) = await TwoAsync(pair);
        for (var i = 0; i < Limits.WrongSecrets; i++) Assert.Equal(Refusal.WrongSecret, (await TryAsync("wrong")).Refusal);
        Assert.Equal(Refusal.TooManyTries, (await TryAsync(First)).Refusal);
        Assert.StartsWith($"sign-in-locked {one}", Assert.Single(await pair.Police.AlarmsAsync()), StringComparison.Ordinal);

        pair.Clock.Ahead += Limits.SecretLock + TimeSpan.FromSeconds(1);
        await pair.Police.With(db => SignedInAsync(db, First));
        Assert.Equal(Refusal.NoSecret, (await Assert.ThrowsAsync<RefusedException>(() => pair.Police.With(async db =>
        {
            await pair.Police.Use<SignIn>().RequireAsync(db, pair.Police.Worker, [1], Ct);
            return true;
        }))).Refusal);

        Task<RefusedException> TryAsync(string secret) => Assert.ThrowsAsync<RefusedException>(() => pair.Police.With(db => SignedInAsync(db, secret)));

        async Task<bool> SignedInAsync(GatewayDb db, string secret)
        {
            await pair.Police.Use<SignIn>().RequireAsync(db, one, Encoding.UTF8.GetBytes(secret), Ct);
            return true;
        }
    }

    [Fact]
    public async Task A_secret_is_changed_only_with_the_one_before_and_stands_nowhere_in_clear()
    {
        await using var pair = await TestPair.StartAsync();
        var (one, _) = await TwoAsync(pair);
        await Assert.ThrowsAsync<RefusedException>(() => SetAsync(null));
        await Assert.ThrowsAsync<RefusedException>(() => SetAsync("wrong"));
        await SetAsync(First);
        Assert.False(pair.Police.HoldsInClear(First));

        Task<SetSecret.Done> SetAsync(string? old) => pair.Police.With(db => SetSecret.Handle(
            one, new(Encoding.UTF8.GetBytes("another secret"), old is null ? null : Encoding.UTF8.GetBytes(old)), db, pair.Police.Own, pair.Police.Use<SignIn>(), Ct));
    }

    [Fact]
    public async Task The_check_runs_at_every_opening_not_only_at_the_first()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        await pair.Shelter.SummaryAsync(id);

        pair.Clock.Ahead += TimeSpan.FromDays(31);
        await pair.Shelter.SyncAsync();

        var e = await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.SummaryAsync(id));
        Assert.Equal((Refusal.ConsentRefused, "consent-expired"), (e.Refusal, e.Reasons[0]));
    }

    [Fact]
    public async Task Opening_needs_a_feed_read_within_an_hour_or_a_lead_who_breaks_the_glass_and_says_why()
    {
        await using var pair = await TestPair.StartAsync();
        var lead = await pair.Shelter.HireAsync("Ada Berg", Second, lead: true);
        var colleague = await pair.Shelter.HireAsync("Ben Lind", "ben's own secret");
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        Assert.Equal(Refusal.NotForYou, (await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.SummaryAsync(id, lead, Glass(Second)))).Refusal);

        pair.Hub.IsDown = true;
        pair.Clock.Ahead += TimeSpan.FromMinutes(61);
        Assert.Equal(Refusal.FeedStale, (await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.SummaryAsync(id))).Refusal);
        Assert.Equal(Refusal.WrongSecret, (await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.SummaryAsync(id, lead, Glass("wrong")))).Refusal);
        Assert.Equal(Refusal.NoSecret, (await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.SummaryAsync(id, pair.Shelter.Worker, Glass(Second)))).Refusal);
        Assert.Equal(Refusal.NotForYou, (await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.SummaryAsync(id, colleague, Glass("ben's own secret")))).Refusal);
        await pair.Shelter.SummaryAsync(id, lead, Glass(Second));
        Assert.Contains(await pair.Shelter.AlarmsAsync(), alarm => alarm.StartsWith("glass-broken", StringComparison.Ordinal));

        // It travels when the link is back.
        pair.Hub.IsDown = false;
        pair.Clock.Ahead += TimeSpan.FromMinutes(10);
        await pair.Shelter.SyncAsync();
        await pair.Police.SyncAsync();
        var accesses = await pair.Police.With(db => db.Statements.Where(s => s.Referral == id && s.Kind == StatementKind.Access).ToListAsync(Ct));
        Assert.Equal(BreakGlass.EvidenceWindow, ((ReferralHub.Protocol.Statements.Access)Assert.Single(accesses).Read().Statement).BreakGlass);
    }

    [Fact]
    public async Task An_excluded_agency_is_not_addressed_and_where_an_official_is_involved_somebody_looks_first()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var consent = await pair.ConsentAsync();
        var request = pair.Request(consent, """{"identity":{"name":"SYNTHETIC Sara"}}""");
        AgencyExclusions.Request About(AgencyId? agency = null) => new("SYNTHETIC child 1", pair.Police.Worker, agency);

        await pair.Police.With(db => AgencyExclusions.Handle(About(pair.Shelter.Id), db, pair.Police.Own, pair.Police.Use<FollowDirectory>(), pair.Clock, Ct));
        Assert.Equal(Refusal.AgencyExcluded, (await Assert.ThrowsAsync<RefusedException>(() => pair.Police.SendAsync(request))).Refusal);
        Assert.Equal(Refusal.AgencyExcluded, (await Assert.ThrowsAsync<RefusedException>(() => pair.ConsentAsync())).Refusal);
        Assert.Equal(Fate.Effective, (await pair.Police.SendAsync(pair.Request(await pair.ConsentAsync("SYNTHETIC child 2"), Identity))).Fate);
        foreach (var side in new[] { pair.Police, pair.Shelter }) Assert.False(side.HoldsInClear("SYNTHETIC child 1"));
    }

    [Fact]
    public async Task Where_an_official_is_involved_nothing_goes_before_somebody_has_looked_at_the_exclusions()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var consent = await pair.ConsentAsync("SYNTHETIC child 3", agreed: [Category.Concern]);
        var request = pair.Request(consent, """{"concern":{"risk":"high","reason":"SYNTHETIC","servicesRequested":["safehouse"],"aggravations":["official-involved"]}}""");
        Assert.Equal(Refusal.ExclusionsUnreviewed, (await Assert.ThrowsAsync<RefusedException>(() => pair.Police.SendAsync(request))).Refusal);

        await ReviewAsync();
        // Whoever is excluded after that was not looked at.
        await pair.Police.With(db => AgencyExclusions.Handle(
            new("SYNTHETIC child 3", pair.Police.Worker, pair.Police.Id), db, pair.Police.Own, pair.Police.Use<FollowDirectory>(), pair.Clock, Ct));
        Assert.Equal(Refusal.ExclusionsUnreviewed, (await Assert.ThrowsAsync<RefusedException>(() => pair.Police.SendAsync(request))).Refusal);
        await ReviewAsync();

        Assert.Equal(Fate.Effective, (await pair.Police.SendAsync(request)).Fate);

        Task ReviewAsync() => pair.Police.With(db => AgencyExclusions.ReviewAsync(new("SYNTHETIC child 3", pair.Police.Worker), db, pair.Police.Own, pair.Clock, Ct));
    }

    [Fact]
    public async Task Who_may_agree_at_this_age_is_the_policy_s_to_say_before_anything_is_sealed()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        await pair.TightenPolicyAsync();
        var consent = await pair.ConsentAsync();

        Assert.Contains("age-unclear", (await Assert.ThrowsAsync<RefusedException>(() => pair.Police.SendAsync(pair.Request(consent, Identity)))).Reasons);
        Assert.Contains("grantors-insufficient", (await Assert.ThrowsAsync<RefusedException>(() => pair.Police.SendAsync(pair.Request(consent, Aged(19))))).Reasons);
        Assert.Equal(Fate.Effective, (await pair.Police.SendAsync(pair.Request(consent, Aged(14)))).Fate);
    }

    private static string Aged(int years) => Identity.Replace("\"name\"", $"\"age\":{years},\"name\"", StringComparison.Ordinal);

    private static BrokenGlass Glass(string secret) => new(BreakGlass.EvidenceWindow, Encoding.UTF8.GetBytes(secret));

    private static async Task<(Handle One, Handle Two)> TwoAsync(TestPair pair) =>
        (await pair.Police.HireAsync("Ida Synthetic", First), await pair.Police.HireAsync("Kim Synthetic", Second));

    private static SendReferral.Request Request(TestPair pair, Handle by, string secret)
    {
        var request = pair.Request(new(Guid.Empty, CaseCode.Draw(), default, default), Identity);
        var without = new WithoutConsent("SYNTHETIC child 9", Basis.RiskOfSignificantHarm, LegalGround.DangerToLife, ChildTold.WouldEndanger, "SYNTHETIC: danger tonight", "SYNTHETIC: once safe");
        return request with { File = request.File with { Without = without }, Consent = null, By = by, Secret = Encoding.UTF8.GetBytes(secret) };
    }
}
