using Microsoft.EntityFrameworkCore;

namespace ReferralHub.Hub.Outbox;

/// <summary>Runs the <see cref="Relay"/> in the server: at once after a commit, and by polling in case a wake-up was missed.</summary>
internal sealed partial class RelayLoop(
    IServiceScopeFactory scopes, Relay relay, Wakes wakes, TimeProvider clock, ILogger<RelayLoop> logger) : BackgroundService
{
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var epoch = await Use(db => Lease.Take(db, Lease.Relay, stoppingToken));
            var poll = ShortestPoll;
            var swept = DateTimeOffset.MinValue;
            while (!stoppingToken.IsCancellationRequested)
            {
                var next = wakes.Relay.Next;
                var delivered = await Turn(epoch, stoppingToken);
                if (clock.GetUtcNow() - swept > SweepEvery)
                {
                    swept = clock.GetUtcNow();
                    await Use(db => Forget(db, stoppingToken));
                }

                poll = delivered > 0 ? ShortestPoll : TimeSpan.FromTicks(Math.Min(poll.Ticks * 2, LongestPoll.Ticks));
                if (delivered == 0) await Task.WhenAny(next, Task.Delay(poll, stoppingToken));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task<int> Turn(long epoch, CancellationToken ct)
    {
        try
        {
            return await relay.RunOnce(epoch, ct);
        }
        catch (Exception e) when (e is DbUpdateException or System.Data.Common.DbException)
        {
            // The rows are still there, and consumers know what they have had.
            Log.Failed(logger, e);
            return 0;
        }
    }

    private static Task<int> Forget(HubDb db, CancellationToken ct)
    {
        var before = db.Clock.GetUtcNow().AddDays(-Limits.InboxDays);
        return db.Write(token => db.Set<InboxEntry>().Where(e => e.Received < before).ExecuteDeleteAsync(token), ct);
    }

    private async Task<T> Use<T>(Func<HubDb, Task<T>> use)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<HubDb>());
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The outbox could not be read or written. It is tried again.")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
