using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Hub.Log;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Hub.Audit;

namespace ReferralHub.Tests.Hub.Log;

public sealed class HeadWatchTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_hub_and_its_commands_do_passes()
    {
        await using var hub = await TestHub.Start();
        var watch = await Looked(hub);

        await hub.AddPolicy();
        await Look(hub, watch);
        (await hub.Join("police-7", AgencyKind.Police)).Dispose();
        await Look(hub, watch);
        hub.Clock.Now += TimeSpan.FromMinutes(9);
        await hub.Use(db => Publication.Renew(db, hub.Keys, Ct));
        await Look(hub, watch);
        await SequencerTests.RunAll(hub);
        watch.Left(LogName.Audit, await Head(hub, LogName.Audit));
        await Look(hub, watch);
    }

    [Theory]
    [InlineData(nameof(LogName.Audit))]
    [InlineData(nameof(LogName.Directory))]
    public async Task A_head_that_was_put_back_is_seen_at_the_next_look_and_by_the_next_process(string name)
    {
        var log = Enum.Parse<LogName>(name);
        await using var hub = await TestHub.Start();
        await SequencerTests.RunAll(hub);
        var old = await hub.Use(db => db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == log, Ct));
        await hub.AddPolicy();
        await SequencerTests.RunAll(hub);
        var watch = await Looked(hub);

        await Change(hub, log, old.Size, old.Root, old.Note);

        await Assert.ThrowsAsync<LogForkedException>(() => Look(hub, watch));
        await Assert.ThrowsAsync<LogForkedException>(() => Looked(hub));
    }

    [Theory]
    [InlineData(nameof(LogName.Audit))]
    [InlineData(nameof(LogName.Directory))]
    public async Task A_checkpoint_that_is_not_ours_is_seen(string name)
    {
        var log = Enum.Parse<LogName>(name);
        await using var hub = await TestHub.Start();
        var watch = await Looked(hub);
        var head = await Head(hub, log);

        await Change(hub, log, head.Size, head.Root, "not ours\n"u8.ToArray());

        Assert.Contains("keys", (await Assert.ThrowsAsync<LogForkedException>(() => Look(hub, watch))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<LogForkedException>(() => Looked(hub));
    }

    [Fact]
    public async Task A_checkpoint_of_another_head_than_the_one_beside_it_is_seen()
    {
        await using var hub = await TestHub.Start();
        await SequencerTests.RunAll(hub);
        var note = (await hub.Use(db => db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == LogName.Audit, Ct))).Note;

        await Change(hub, LogName.Audit, 1, Digest.Of("another"u8), note);

        await Assert.ThrowsAsync<LogForkedException>(() => Looked(hub));
    }

    [Fact]
    public async Task Tiles_that_do_not_belong_to_the_head_are_seen_at_the_start()
    {
        await using var hub = await TestHub.Start();
        await SequencerTests.RunAll(hub);

        await hub.Use(db => db.Database.ExecuteSqlAsync($"UPDATE log_tiles SET hashes = {new byte[Tile.FullWidth * Digest.Size]}", Ct));

        await Assert.ThrowsAsync<LogForkedException>(() => Looked(hub));
    }

    [Fact]
    public async Task An_audit_log_that_somebody_else_continued_is_seen()
    {
        await using var hub = await TestHub.Start();
        await SequencerTests.RunAll(hub);
        var watch = await Looked(hub);

        await hub.AddPolicy();
        await SequencerTests.RunAll(hub); // by another sequencer than the one that watches

        await Assert.ThrowsAsync<LogForkedException>(() => Look(hub, watch));
    }

    [Fact]
    public async Task The_sequencer_looks_also_when_nothing_waits()
    {
        await using var hub = await TestHub.Start();
        await SequencerTests.RunAll(hub);
        await hub.Use(db => db.Database.ExecuteSqlAsync($"UPDATE log_heads SET size = 0 WHERE log = 'Audit'", Ct));

        await Assert.ThrowsAsync<LogForkedException>(() => SequencerTests.RunAll(hub));
    }

    private static async Task<HeadWatch> Looked(TestHub hub)
    {
        var watch = new HeadWatch(hub.Keys);
        await Look(hub, watch);
        return watch;
    }

    private static Task Look(TestHub hub, HeadWatch watch) => hub.Use(db => watch.Look(db, Ct));

    private static async Task<TreeHead> Head(TestHub hub, LogName log) =>
        (await hub.Use(db => db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == log, Ct))).ToTreeHead();

    private static Task<int> Change(TestHub hub, LogName log, long size, Digest root, byte[] note) => hub.Use(db =>
        db.Set<LogHead>().Where(h => h.Log == log).ExecuteUpdateAsync(
            set => set.SetProperty(h => h.Size, size).SetProperty(h => h.Root, root).SetProperty(h => h.Note, note), Ct));
}
