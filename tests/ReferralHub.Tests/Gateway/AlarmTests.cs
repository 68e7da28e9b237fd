using ReferralHub.Client;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>Alarms are looked at and cleared by people, and stay on record.</summary>
public sealed class AlarmTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_person_cleared_stops_sealing_no_longer_and_is_kept_with_who_when_and_why()
    {
        await using var pair = await TestPair.StartAsync();
        var request = await ForkAsync(pair);
        await Assert.ThrowsAsync<RefusedException>(() => pair.Police.SendAsync(request));
        pair.Hub.Checkpoints.Clear();

        var standing = Assert.Single((await ListAsync(pair.Police, all: false)).Alarms);
        Assert.True(standing is { Code: AlarmCode.LogForked, StopsSealing: true, Held: not null, Shown: not null, Cleared: null });
        await ClearAsync(pair.Police, standing.Id, "SYNTHETIC-reason");

        Assert.Equal(Fate.Effective, (await pair.Police.SendAsync(request)).Fate);
        Assert.Empty((await ListAsync(pair.Police, all: false)).Alarms);
        Assert.Equal(0, (await pair.Police.SyncAsync()).Alarms);
        var kept = Assert.Single((await ListAsync(pair.Police, all: true)).Alarms);
        Assert.Equal((pair.Police.Worker, "SYNTHETIC-reason"), (kept.Cleared!.By, kept.Cleared.Reason));
        Assert.False(pair.Police.HoldsInClear("SYNTHETIC-reason"));
    }

    [Fact]
    public async Task What_is_still_true_is_raised_again()
    {
        await using var pair = await TestPair.StartAsync();
        await ForkAsync(pair);
        await ClearAsync(pair.Police, (await ListAsync(pair.Police, all: false)).Alarms[0].Id, "looked");

        await pair.Police.SyncAsync();
        await pair.Police.SyncAsync();

        Assert.Single((await ListAsync(pair.Police, all: false)).Alarms);
        Assert.Equal(2, (await ListAsync(pair.Police, all: true)).Alarms.Count);
    }

    [Fact]
    public async Task Nobody_clears_what_is_not_there_or_cleared_or_without_a_name_and_a_reason()
    {
        await using var pair = await TestPair.StartAsync();
        await ForkAsync(pair);
        var id = (await ListAsync(pair.Police, all: false)).Alarms[0].Id;

        Assert.Equal(Refusal.NotFound, await RefusalOf(() => ClearAsync(pair.Police, id + 7, "looked")));
        Assert.Equal(Refusal.Malformed, await RefusalOf(() => ClearAsync(pair.Police, id, " ")));
        Assert.Equal(Refusal.UnknownPerson, await RefusalOf(() => ClearAsync(pair.Police, id, "looked", Handle.Parse("nobody"))));
        await ClearAsync(pair.Police, id, "looked");
        Assert.Equal(Refusal.StateForbids, await RefusalOf(() => ClearAsync(pair.Police, id, "looked")));
    }

    private static async Task<SendReferral.Request> ForkAsync(TestPair pair)
    {
        await pair.AgreeAsync();
        var request = pair.Request(await pair.ConsentAsync(), """{"identity":{"name":"SYNTHETIC Sara"}}""");
        pair.Hub.Checkpoints[HubLog.Directory] = pair.Hub.Forge(HubLog.Directory, 4);
        await pair.Police.SyncAsync();
        return request;
    }

    private static Task<ListAlarms.Shown> ListAsync(TestGateway gateway, bool all) =>
        gateway.With(db => ListAlarms.Handle(new(null, all), db, gateway.Own, gateway.Use<Exclusions>(), Ct));

    private static Task<ClearAlarm.Done> ClearAsync(TestGateway gateway, long id, string reason, Handle? by = null) => gateway.With(db =>
        ClearAlarm.Handle(id, new(by ?? gateway.Worker, reason), db, gateway.Own, gateway.Use<Exclusions>(), gateway.Use<TimeProvider>(), Ct));

    private static async Task<Refusal> RefusalOf(Func<Task> act) => (await Assert.ThrowsAsync<RefusedException>(act)).Refusal;
}
