using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Commands;
using ReferralHub.Hub.Log;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Audit;

[Trait("store", "each")]
public sealed class SequencerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(700)]
    public async Task Every_event_gets_one_place_and_the_log_verifies(int events)
    {
        await using var hub = await TestHub.Start();
        await hub.Use(db => Record(db, events));

        await RunAll(hub);

        var found = await hub.Use(db => VerifyLogs.Run(db, hub.Keys, full: true, Ct));
        Assert.Equal((null, events + 1L, events + 1L), (found.Wrong, found.Audit, found.Opened)); // and the directory's first checkpoint
    }

    [Fact]
    public async Task A_batch_is_at_most_256_events()
    {
        await using var hub = await TestHub.Start();
        await hub.Use(db => Record(db, 300));
        var epoch = await Lead(hub);

        Assert.Equal(256, await RunOnce(hub, epoch));
        Assert.Equal(45, await RunOnce(hub, epoch));
        Assert.Equal(0, await RunOnce(hub, epoch));
    }

    [Fact]
    public async Task A_crash_between_staging_and_swap_loses_nothing_and_shows_nothing()
    {
        await using var hub = await TestHub.Start();
        await RunAll(hub);
        await hub.Use(db => Record(db, 300));
        var before = await Head(hub);

        // The first process stages two tiles' worth and dies.
        var first = await Lead(hub);
        Assert.NotNull(await hub.Use(db => Sequencer.Stage(db, first, Ct)));
        Assert.Equal(before, await Head(hub));
        Assert.Null(await hub.Use(db => StoredTile.Find(db, LogName.Audit, new Tile(0, 0, 2), before.Size, Ct)));

        await hub.Use(db => Record(db, 5));
        await RunAll(hub);

        var found = await hub.Use(db => VerifyLogs.Run(db, hub.Keys, full: true, Ct));
        Assert.Equal((null, 306L), (found.Wrong, found.Audit));
    }

    [Fact]
    public async Task Tiles_are_durable_before_the_head_that_covers_them_is_swapped_in()
    {
        var swaps = new Swaps();
        await using var hub = await TestHub.Start(more: services =>
            services.ConfigureDbContext<HubDb>(options => options.AddInterceptors(swaps)).ConfigureDbContext<PostgresHubDb>(options => options.AddInterceptors(swaps)));
        await hub.Use(db => Record(db, 300));
        var epoch = await Lead(hub);
        var leaves = new List<int>();
        // On a connection of its own, which sees what is committed and nothing else.
        swaps.Before = () => hub.Use(async db => leaves.Add((await db.Set<StoredTile>().AsNoTracking()
            .Where(t => t.Log == LogName.Audit && t.Level == 0).Select(t => t.Hashes).ToListAsync(Ct)).Sum(hashes => hashes.Length / Digest.Size)));

        await RunOnce(hub, epoch);
        await RunOnce(hub, epoch);

        Assert.Equal([256, 301], leaves);
    }

    [Fact]
    public async Task What_was_staged_in_another_order_is_written_over()
    {
        await using var hub = await TestHub.Start();
        await RunAll(hub);
        await hub.Use(db => Record(db, 3));
        Assert.NotNull(await hub.Use(async db => await Sequencer.Stage(db, await Lead(hub), Ct)));

        // A late commit with a lower id, as several writers can have.
        await hub.Use(db => db.Database.ExecuteSqlAsync($"UPDATE audit_events SET id = id + 100 WHERE \"index\" IS NULL", Ct));
        await hub.Use(db => Record(db, 1));
        await hub.Use(db => db.Database.ExecuteSqlAsync($"UPDATE audit_events SET id = 50 WHERE id = (SELECT max(id) FROM audit_events)", Ct));
        await RunAll(hub);

        Assert.Null((await hub.Use(db => VerifyLogs.Run(db, hub.Keys, full: true, Ct))).Wrong);
    }

    [Fact]
    public async Task A_sequencer_that_was_replaced_changes_nothing()
    {
        await using var hub = await TestHub.Start();
        await hub.Use(db => Record(db, 3));
        var old = await Lead(hub);
        var staged = (await hub.Use(db => Sequencer.Stage(db, old, Ct)))!;

        var current = await Lead(hub);
        await Assert.ThrowsAsync<LeaseLostException>(() => hub.Use(db => new Sequencer(hub.Keys).Swap(db, old, staged, Ct)));
        await Assert.ThrowsAsync<LeaseLostException>(() => hub.Use(db => Sequencer.Stage(db, old, Ct)));

        Assert.Equal(4, await RunOnce(hub, current));
        await Assert.ThrowsAsync<LeaseLostException>(() => RunOnce(hub, old)); // although there is nothing to do
    }

    [Fact]
    public async Task A_swap_over_another_head_fails_and_leaves_the_head_as_it_is()
    {
        await using var hub = await TestHub.Start();
        await hub.Use(db => Record(db, 3));
        var epoch = await Lead(hub);
        var staged = (await hub.Use(db => Sequencer.Stage(db, epoch, Ct)))!;
        await RunOnce(hub, epoch);
        var published = await Head(hub);

        await Assert.ThrowsAsync<LogForkedException>(() => hub.Use(db => new Sequencer(hub.Keys).Swap(db, epoch, staged, Ct)));

        Assert.Equal(published, await Head(hub));
    }

    [Fact]
    public async Task Every_published_head_is_remembered_and_no_other()
    {
        await using var hub = await TestHub.Start();
        await RunAll(hub);
        var first = await Head(hub);
        await hub.Use(db => Record(db, 3));
        await RunAll(hub);

        Assert.True(await hub.Use(db => PublishedHead.Exists(db, LogName.Audit, first, Ct)));
        Assert.False(await hub.Use(db => PublishedHead.Exists(db, LogName.Audit, first with { Size = 2 }, Ct)));
        Assert.False(await hub.Use(db => PublishedHead.Exists(db, LogName.Directory, first with { Root = MerkleTree.EmptyRoot }, Ct)));
    }

    [Fact]
    public async Task The_cosignature_is_renewed_and_the_root_stays()
    {
        await using var hub = await TestHub.Start();
        await RunAll(hub);
        var head = await Head(hub);

        hub.Clock.Now += TimeSpan.FromMinutes(9);
        await hub.Use(db => Publication.Renew(db, hub.Keys, Ct));

        var checkpoint = await hub.Use(db => AuditLog.Checkpoint(db, hub.Keys, Ct));
        Assert.Equal(hub.Clock.Now, Assert.Single(checkpoint.Cosignatures).Time);
        Assert.Equal(head.Root, checkpoint.Checkpoint.Root);
    }

    internal static async Task RunAll(TestHub hub)
    {
        var epoch = await Lead(hub);
        while (await RunOnce(hub, epoch) > 0)
        {
        }
    }

    private static Task<long> Lead(TestHub hub) => hub.Use(db => Lease.Take(db, Lease.Sequencer, Ct));

    private static Task<int> RunOnce(TestHub hub, long epoch) => hub.Use(db => new Sequencer(hub.Keys).RunOnce(db, epoch, Ct));

    private static async Task<TreeHead> Head(TestHub hub) =>
        (await hub.Use(db => db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == LogName.Audit, Ct))).ToTreeHead();

    // Tells when a head is about to be written.
    private sealed class Swaps : DbCommandInterceptor
    {
        public Func<Task> Before { get; set; } = () => Task.CompletedTask;

        public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            if (command.CommandText.Contains("log_heads", StringComparison.Ordinal)) await Before();
            return result;
        }
    }

    private static Task Record(HubDb db, int events) => db.Write(_ =>
    {
        for (var i = 0; i < events; i++)
        {
            db.Record(new AuditEvent
            {
                Event = AuditEventCode.AgencyInvited,
                At = db.Clock.GetUtcNow(),
                Directory = new TreeHead(0, MerkleTree.EmptyRoot),
            });
        }

        return Task.CompletedTask;
    }, Ct);
}
