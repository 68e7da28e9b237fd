using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Statements;

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
    public async Task What_the_hub_has_erased_is_not_handed_in_again_and_stands_as_it_stood()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var consent = await pair.ConsentAsync();
        await pair.Police.SyncAsync();
        pair.Hub.Restore(lost: 1);
        pair.Hub.Erased.Add(consent.Statement);

        for (var rounds = 0; rounds < 3; rounds++) await pair.Police.SyncAsync();

        Assert.Equal(1, pair.Hub.Posts[consent.Statement]);
        Assert.All(await pair.Police.With(db => db.Statements.AsNoTracking().ToListAsync(Ct)), kept => Assert.Equal(Fate.Effective, kept.Fate));
        Assert.StartsWith("hub-restored audit log 2", Assert.Single(await pair.Police.AlarmsAsync()), StringComparison.Ordinal);
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
        Assert.Equal(1, await Number(pair.Police));
        Assert.Equal(Refusal.SealingStopped, (await Assert.ThrowsAsync<RefusedException>(pair.SendAsync)).Refusal);

        await ClearAsync(pair);
        await pair.Police.SyncAsync();
        Assert.Equal(2, await Number(pair.Police));
    }

    [Fact]
    public async Task Another_root_at_the_size_that_was_seen_is_a_fork()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        await pair.Police.SyncAsync();
        pair.Hub.Restore(lost: 0, former => former with { Root = Digest.Of("another"u8) });

        await pair.Police.SyncAsync();

        Assert.StartsWith("log-forked audit log 1", Assert.Single(await pair.Police.AlarmsAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_opening_that_names_another_log_is_not_followed()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        await pair.Police.SyncAsync();
        pair.Hub.Restore(lost: 0, former => former with { Origin = "hub.test/audit/2" });

        await Assert.ThrowsAsync<HubAnswerException>(pair.Police.SyncAsync);

        Assert.Equal(1, await Number(pair.Police));
    }

    [Fact]
    public async Task An_opening_that_its_log_does_not_have_is_not_followed()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        await pair.Police.SyncAsync();
        pair.Hub.Restore(lost: 0);
        const string member = "\"opening\":\"";
        pair.Hub.TamperOpening = answer =>
        {
            var digit = answer[answer.IndexOf(member, StringComparison.Ordinal) + member.Length];
            return answer.Replace(member + digit, member + (digit == '0' ? '1' : '0'), StringComparison.Ordinal);
        };

        await Assert.ThrowsAsync<HubAnswerException>(pair.Police.SyncAsync);

        Assert.Equal(1, await Number(pair.Police));
    }

    [Fact]
    public async Task Several_restorations_are_followed_one_by_one()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        await pair.Police.SyncAsync();
        pair.Hub.Restore(lost: 0, former => former with { Size = former.Size - 1 });
        pair.Hub.Restore(lost: 0);

        await pair.Police.SyncAsync();
        Assert.StartsWith("log-rolled-back audit log 1", Assert.Single(await pair.Police.AlarmsAsync()), StringComparison.Ordinal);
        Assert.Equal(1, await Number(pair.Police));

        await ClearAsync(pair);
        await pair.Police.SyncAsync();
        Assert.Equal(3, await Number(pair.Police));
    }

    [Fact]
    public async Task Nobody_goes_back_to_a_former_log()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        await pair.ConsentAsync();
        await pair.Shelter.SyncAsync();
        var size = await pair.Shelter.With(db => db.LogHeads.Where(h => h.Log == HubLog.Audit).Select(h => h.Size).SingleAsync(Ct));
        var former = pair.Hub.Earlier(HubLog.Audit, (int)size);
        pair.Hub.Restore(lost: 1);
        await pair.Shelter.SyncAsync();
        Assert.Equal(2, await Number(pair.Shelter));

        pair.Hub.Checkpoints[HubLog.Audit] = former;
        await pair.Shelter.SyncAsync();

        Assert.Equal($"log-rolled-back audit at {size}", (await pair.Shelter.AlarmsAsync())[^1]);
        Assert.Equal(2, await Number(pair.Shelter));
    }

    [Fact]
    public async Task The_feed_of_a_restored_hub_is_read_from_its_beginning()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        pair.Hub.Overdue(id, ClockKind.Acknowledge, ClockStep.Reminder);
        await pair.Shelter.SyncAsync();
        pair.Hub.Restore(lost: 1);
        pair.Hub.Overdue(id, ClockKind.Acknowledge, ClockStep.Breach); // where the reminder stood

        await pair.Shelter.SyncAsync();

        var told = await pair.Shelter.With(db => db.Statements.AsNoTracking().Where(s => s.Kind == StatementKind.HubAct).OrderBy(s => s.Order).ToListAsync(Ct));
        Assert.Equal([HubActCode.DueSoon, HubActCode.Overdue], told.Select(kept => ((HubAct)kept.Read().Statement).Act));
        Assert.StartsWith("hub-restored", Assert.Single(await pair.Shelter.AlarmsAsync()), StringComparison.Ordinal);
    }

    private static Task<int> Number(TestGateway gateway) => gateway.With(db => db.LogHeads.Where(h => h.Log == HubLog.Audit).Select(h => h.Number).SingleAsync(Ct));

    // A person has looked.
    private static Task<int> ClearAsync(TestPair pair) =>
        pair.Police.With(db => db.Alarms.ExecuteUpdateAsync(set => set.SetProperty(a => a.ClearedAt, pair.Clock.GetUtcNow()), Ct));
}
