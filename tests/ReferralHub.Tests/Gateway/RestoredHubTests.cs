using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Outgoing;

namespace ReferralHub.Tests.Gateway;

/// <summary>What a gateway makes of a hub that came back from a backup. Spec: docs/protocol.md §4.7.</summary>
public sealed class RestoredHubTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_the_hub_gathers_it_is_shown_all_and_nothing_is_lost()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var consent = await pair.ConsentAsync();
        await pair.Police.SyncAsync();
        pair.Hub.Gathers = true;

        await pair.Police.SyncAsync();
        await pair.Police.SyncAsync();

        Assert.Equal([false, true], pair.Hub.Shown.Select(shown => shown.GetProperty("done").GetBoolean()));
        Assert.StartsWith("hub.test/audit\n", pair.Hub.Shown[0].GetProperty("audit").GetString(), StringComparison.Ordinal);
        Assert.NotEqual(0, pair.Hub.Shown[0].GetProperty("entries").GetArrayLength());
        var token = await pair.Police.With(db => db.Statements.Where(s => s.Id == consent.Statement).Select(s => s.Token).SingleAsync(Ct));
        var brought = pair.Hub.Shown[1].GetProperty("statements").EnumerateArray().Single(s => s.GetProperty("statement").GetString() == token);
        Assert.All(["event", "opening", "receipt", "proof"], member => Assert.True(brought.TryGetProperty(member, out _)));
        Assert.Empty(await pair.Police.AlarmsAsync());
    }

    [Fact]
    public async Task A_new_log_that_names_what_was_seen_is_followed_and_what_is_lacking_goes_there_again()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var consent = await pair.ConsentAsync();
        await pair.Police.SyncAsync();
        pair.Hub.Restore(lost: 1);

        for (var rounds = 0; rounds < 3; rounds++) await pair.Police.SyncAsync();

        Assert.StartsWith("hub-restored audit log 2", Assert.Single(await pair.Police.AlarmsAsync()), StringComparison.Ordinal);
        Assert.Equal(2, pair.Hub.Posts[consent.Statement]);
        Assert.All(
            await pair.Police.With(db => db.Statements.AsNoTracking().ToListAsync(Ct)),
            kept => Assert.Equal((Fate.Effective, true), (kept.Fate, kept.LogIndex is not null)));
        await pair.SendAsync();
    }

    [Fact]
    public async Task A_new_log_that_hides_what_was_seen_stops_sealing_until_a_person_has_looked()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        await pair.ConsentAsync();
        await pair.Police.SyncAsync();
        pair.Hub.Restore(lost: 1, former => former with { Size = former.Size - 1 });

        await pair.Police.SyncAsync();

        Assert.StartsWith("log-rolled-back audit log 1", Assert.Single(await pair.Police.AlarmsAsync()), StringComparison.Ordinal);
        Assert.Equal(1, await Number(pair));
        Assert.Equal(Refusal.SealingStopped, (await Assert.ThrowsAsync<RefusedException>(pair.SendAsync)).Refusal);

        await pair.Police.With(db => db.Alarms.ExecuteUpdateAsync(set => set.SetProperty(a => a.ClearedAt, pair.Clock.GetUtcNow()), Ct));
        await pair.Police.SyncAsync();
        Assert.Equal(2, await Number(pair));
    }

    [Fact]
    public async Task Another_root_at_the_size_that_was_seen_is_a_fork()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        await pair.Police.SyncAsync();
        pair.Hub.Restore(lost: 0, former => former with { Root = ReferralHub.Cryptography.Encodings.Digest.Of("another"u8) });

        await pair.Police.SyncAsync();

        Assert.StartsWith("log-forked audit log 1", Assert.Single(await pair.Police.AlarmsAsync()), StringComparison.Ordinal);
    }

    private static Task<int> Number(TestPair pair) => pair.Police.With(db => db.LogHeads.Where(h => h.Log == ReferralHub.Client.HubLog.Audit).Select(h => h.Number).SingleAsync(Ct));
}
