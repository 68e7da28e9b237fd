using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;

namespace ReferralHub.Tests.Hub;

public sealed class LoopTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_loop_does_not_handle_ends_the_server_and_is_told()
    {
        await using var hub = await TestHub.Start();
        var server = new Lifetime();
        var fatal = new Fatal(server);
        using var loop = new Breaking(hub, fatal, new LeaseLostException(Lease.Relay));

        await loop.StartAsync(Ct);
        await loop.ExecuteTask!;

        Assert.True(server.Stopped);
        Assert.IsType<LeaseLostException>(fatal.Cause);
    }

    [Fact]
    public void Of_several_causes_the_first_is_told()
    {
        var fatal = new Fatal(new Lifetime());
        fatal.End(new IOException());
        fatal.End(new InvalidOperationException());

        Assert.IsType<IOException>(fatal.Cause);
    }

    [Fact]
    public async Task A_stop_is_no_failure()
    {
        await using var hub = await TestHub.Start();
        var fatal = new Fatal(new Lifetime());
        using var loop = new Waiting(hub, fatal);

        await loop.StartAsync(Ct);
        await loop.StopAsync(Ct);

        Assert.Null(fatal.Cause);
    }

    [Fact]
    public async Task While_the_database_fails_a_lease_is_tried_again_and_the_server_goes_on()
    {
        await using var hub = await TestHub.Start();
        await hub.Use(db => db.Database.ExecuteSqlAsync($"ALTER TABLE leases RENAME TO away", Ct));
        var fatal = new Fatal(new Lifetime());
        using var loop = new Leading(hub, fatal);

        await loop.StartAsync(Ct);
        Assert.False(loop.Epoch.IsCompleted);
        await hub.Use(db => db.Database.ExecuteSqlAsync($"ALTER TABLE away RENAME TO leases", Ct));

        Assert.Equal(1, await loop.Epoch.WaitAsync(TimeSpan.FromSeconds(30), Ct));
        await loop.StopAsync(Ct);
        Assert.Null(fatal.Cause);
    }

    [Fact]
    public async Task The_sequencer_renews_the_cosignature_also_when_nothing_waits()
    {
        await using var hub = await TestHub.Start();
        await Audit.SequencerTests.RunAll(hub);
        var health = hub.Log;
        hub.Clock.Now += TimeSpan.FromMinutes(9);
        using var loop = new SequencerLoop(
            hub.Services.GetRequiredService<IServiceScopeFactory>(), new Sequencer(hub.Keys), hub.Keys, hub.Services.GetRequiredService<Wakes>(), health, new Fatal(new Lifetime()),
            NullLogger<SequencerLoop>.Instance);
        Assert.True(health.IsBehind);

        await loop.StartAsync(Ct);
        while (health.IsBehind && !loop.ExecuteTask!.IsCompleted) await Task.Delay(TimeSpan.FromMilliseconds(10), Ct); // until its first turn is over
        await loop.StopAsync(Ct);

        var checkpoint = await hub.Use(db => AuditLog.Checkpoint(db, hub.Keys, Ct));
        Assert.Equal(hub.Clock.Now, Assert.Single(checkpoint.Cosignatures).Time);
    }

    private sealed class Leading(TestHub hub, Fatal fatal)
        : Loop(hub.Services.GetRequiredService<IServiceScopeFactory>(), fatal, NullLogger.Instance)
    {
        private readonly TaskCompletionSource<long> _epoch = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<long> Epoch => _epoch.Task;

        protected override async Task Run(CancellationToken stopping) => _epoch.SetResult(await Lead(Lease.Relay, stopping));
    }

    private sealed class Breaking(TestHub hub, Fatal fatal, Exception cause)
        : Loop(hub.Services.GetRequiredService<IServiceScopeFactory>(), fatal, NullLogger.Instance)
    {
        protected override Task Run(CancellationToken stopping) => throw cause;
    }

    private sealed class Waiting(TestHub hub, Fatal fatal)
        : Loop(hub.Services.GetRequiredService<IServiceScopeFactory>(), fatal, NullLogger.Instance)
    {
        protected override Task Run(CancellationToken stopping) => Task.Delay(Timeout.Infinite, stopping);
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public bool Stopped { get; private set; }

        public CancellationToken ApplicationStarted => default;

        public CancellationToken ApplicationStopping => default;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication() => Stopped = true;
    }
}
