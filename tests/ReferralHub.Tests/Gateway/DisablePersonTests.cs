using ReferralHub.Gateway;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Claims;
using ReferralHub.Gateway.Duty;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>Who left acts, looks and is told no more. Whom a handle names is the agency's own matter; that it names somebody is checked.</summary>
public sealed class DisablePersonTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_left_sets_no_state_and_looks_at_nothing_until_a_lead_lets_them_again()
    {
        await using var pair = await TestPair.StartAsync();
        var shelter = pair.Shelter;
        var id = await pair.SendAsync();
        var lead = await shelter.HireAsync("Lee Lind", lead: true);
        var gone = await shelter.HireAsync("Ada Berg");
        await shelter.SyncAsync();

        await SetAsync(shelter, gone, enable: false, lead);
        await RefusedAsync(Refusal.UnknownPerson, () => shelter.AcknowledgeAsync(id, gone));
        await RefusedAsync(Refusal.UnknownPerson, () => shelter.SummaryAsync(id, gone));
        await RefusedAsync(Refusal.UnknownPerson, () => shelter.ShowAsync(id, gone));
        Assert.Equal(HandoffState.Delivered, (await shelter.ShowAsync(id)).State);

        await SetAsync(shelter, gone, enable: true, lead);
        Assert.Equal(HandoffState.Acknowledged, (await shelter.AcknowledgeAsync(id, gone)).State);
    }

    [Fact]
    public async Task Only_a_lead_says_who_works_here_and_what_somebody_has_is_handed_over_first()
    {
        await using var pair = await TestPair.StartAsync();
        var shelter = pair.Shelter;
        var id = await pair.SendAsync();
        var lead = await shelter.HireAsync("Lee Lind", lead: true);
        var leaving = await shelter.HireAsync("Ada Berg");
        await shelter.SyncAsync();
        await shelter.With(db => ClaimReferral.Handle(id, new(leaving, leaving), db, shelter.Use<Exclusions>(), pair.Clock, Ct));

        await RefusedAsync(Refusal.NotForYou, () => SetAsync(shelter, leaving, enable: false, shelter.Worker));
        await RefusedAsync(Refusal.StateForbids, () => SetAsync(shelter, leaving, enable: false, lead));
        await RefusedAsync(Refusal.UnknownPerson, () => SetAsync(shelter, Handle.Parse("nobody"), enable: false, lead));

        await shelter.With(db => EndShift.Handle(new(leaving, lead), db, shelter.Use<Exclusions>(), pair.Clock, Ct));
        await SetAsync(shelter, leaving, enable: false, lead);
        Assert.Equal(lead, (await shelter.ShowAsync(id)).Owner);
    }

    [Fact]
    public async Task What_somebody_has_only_by_having_acted_last_is_the_desks_once_they_have_left()
    {
        await using var pair = await TestPair.StartAsync();
        var shelter = pair.Shelter;
        var id = await pair.SendAsync();
        var lead = await shelter.HireAsync("Lee Lind", lead: true);
        await shelter.SyncAsync();
        await shelter.AcknowledgeAsync(id);
        await shelter.AcceptAsync(id);
        Assert.Equal(shelter.Worker, (await shelter.ShowAsync(id)).Owner);

        await SetAsync(shelter, shelter.Worker, enable: false, lead);
        var shown = await shelter.ShowAsync(id);
        Assert.Equal((shelter.Id, lead), (shown.Responsible, shown.Owner));

        // Whoever comes on duty has it from then on, and who claims it before everybody.
        var (onDuty, other) = (await shelter.HireAsync("Ada Berg"), await shelter.HireAsync("Ben Lind"));
        var now = WireTime.Whole(pair.Clock.GetUtcNow());
        await shelter.With(db => AddShift.Handle(new(onDuty, now, now.AddDays(1), Cover: false), db, Ct));
        Assert.Equal(onDuty, (await shelter.ShowAsync(id)).Owner);
        await shelter.With(db => ClaimReferral.Handle(id, new(other, other), db, shelter.Use<Exclusions>(), pair.Clock, Ct));
        Assert.Equal(other, (await shelter.ShowAsync(id)).Owner);
        await RefusedAsync(Refusal.UnknownPerson, () => shelter.With(db => ClaimReferral.Handle(id, new(other, shelter.Worker), db, shelter.Use<Exclusions>(), pair.Clock, Ct)));
    }

    private static Task<DisablePerson.Done> SetAsync(TestGateway gateway, Handle who, bool enable, Handle by) =>
        gateway.With(db => DisablePerson.Handle(who, enable, new(by), db, gateway.Use<Exclusions>(), gateway.Use<TimeProvider>(), Ct));

    private static async Task RefusedAsync(Refusal refusal, Func<Task> act) =>
        Assert.Equal(refusal, (await Assert.ThrowsAsync<RefusedException>(act)).Refusal);
}
