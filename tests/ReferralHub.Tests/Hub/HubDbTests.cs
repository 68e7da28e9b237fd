using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Log;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Outbox;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub;

[Trait("store", "each")]
public sealed class HubDbTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task State_event_and_message_stand_or_fall_together()
    {
        await using var hub = await TestHub.Start();
        var before = await hub.Use(Counts);

        await Assert.ThrowsAsync<InvalidOperationException>(() => hub.Use(db => db.Write<bool>(_ =>
        {
            Act(db, "lost");
            throw new InvalidOperationException();
        }, Ct)));
        Assert.Equal(before, await hub.Use(Counts));

        await hub.Use(db => db.Write(_ =>
        {
            Act(db, "kept");
            return Task.CompletedTask;
        }, Ct));
        Assert.Equal(before + new Rows(1, 1, 1), await hub.Use(Counts));
    }

    [Fact]
    public async Task Of_many_identical_writes_at_once_one_has_an_effect_and_none_fails()
    {
        await using var hub = await TestHub.Start();
        var before = await hub.Use(Counts);

        var first = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => hub.Use(db => db.Write(async ct =>
        {
            if (await db.Set<Lease>().FindAsync(["one"], ct) is not null) return false;
            Act(db, "one");
            return true;
        }, ct: Ct)), Ct)));

        Assert.Single(first, effect => effect);
        Assert.Equal(before + new Rows(1, 1, 1), await hub.Use(Counts));
    }

    [Fact]
    public async Task Who_goes_away_once_all_is_saved_does_not_undo_it()
    {
        await using var hub = await TestHub.Start();
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Ct);

        await hub.Use(db =>
        {
            db.SavedChanges += (_, _) => caller.Cancel();
            return db.Write(_ => Task.FromResult(db.Add(new Lease { Name = "kept" })), caller.Token);
        });

        Assert.True(await hub.Use(db => db.Set<Lease>().AnyAsync(lease => lease.Name == "kept", Ct)));
    }

    [Fact]
    public async Task A_write_that_lost_a_race_for_a_key_reads_again_what_the_winner_wrote()
    {
        await using var hub = await TestHub.Start();
        await hub.Use(db => db.Write(_ => Task.FromResult(db.Add(new Lease { Name = "taken" })), Ct));

        var runs = 0;
        var found = await hub.Use(db => db.Write(async ct =>
        {
            if (++runs == 1) db.Add(new Lease { Name = "taken" }); // as if it had looked before the winner's commit
            return runs == 2 && await db.Set<Lease>().AnyAsync(lease => lease.Name == "taken", ct);
        }, Ct));

        Assert.Equal((2, true), (runs, found));
    }

    [Fact]
    public async Task Whoever_reads_one_state_for_long_holds_up_no_writer()
    {
        await using var hub = await TestHub.Start();

        await hub.Use(async db =>
        {
            await using var snapshot = await db.Store.Snapshot(db, Ct);
            var before = await db.Set<Lease>().CountAsync(Ct);
            await hub.Use(other => other.Write(_ => Task.FromResult(other.Add(new Lease { Name = "meanwhile" })), Ct));
            Assert.Equal(before, await db.Set<Lease>().CountAsync(Ct));
        });

        Assert.Equal(1, await hub.Use(db => db.Set<Lease>().CountAsync(Ct)));
    }

    [Fact]
    public async Task A_loop_wakes_after_the_commit_and_not_without_one()
    {
        await using var hub = await TestHub.Start();

        var woken = await hub.Use(async db =>
        {
            var next = db.Wakes.Relay.Next;
            var before = await db.Write(_ =>
            {
                db.Publish(new Said("hello"), "stream");
                return Task.FromResult(next.IsCompleted);
            }, Ct);
            return (before, next.IsCompleted);
        });

        Assert.Equal((false, true), woken);
    }

    private static void Act(HubDb db, string name)
    {
        db.Add(new Lease { Name = name });
        db.Record(new AuditEvent
        {
            Event = AuditEventCode.AgencyInvited,
            At = db.Clock.GetUtcNow(),
            Directory = new TreeHead(0, MerkleTree.EmptyRoot),
        });
        db.Publish(new Said(name), "stream");
    }

    private static async Task<Rows> Counts(HubDb db) =>
        new(await db.Set<Lease>().CountAsync(Ct), await db.Set<AuditRecord>().CountAsync(Ct), await db.Set<OutboxMessage>().CountAsync(Ct));

    private sealed record Said(string Text);

    private sealed record Rows(int State, int Events, int Messages)
    {
        public static Rows operator +(Rows a, Rows b) => new(a.State + b.State, a.Events + b.Events, a.Messages + b.Messages);
    }
}
