using Microsoft.EntityFrameworkCore;

namespace ReferralHub.Hub.Outbox;

/// <summary>Runs the <see cref="Relay"/> in the server: at once after a commit, and by polling in case a wake-up was missed.</summary>
internal sealed partial class RelayLoop(
    IServiceScopeFactory scopes, Relay relay, Wakes wakes, TimeProvider clock, Fatal fatal, ILogger<RelayLoop> logger)
    : Loop(scopes, fatal, logger)
{
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromHours(1);

    private DateTimeOffset _swept = DateTimeOffset.MinValue;

    protected override async Task Run(CancellationToken stopping)
    {
        var epoch = await Lead(Lease.Relay, stopping);
        var poll = ShortestPoll;
        while (!stopping.IsCancellationRequested)
        {
            var next = wakes.Relay.Next;
            var delivered = await Turn(epoch, stopping);
            poll = delivered > 0 ? ShortestPoll : TimeSpan.FromTicks(Math.Min(poll.Ticks * 2, LongestPoll.Ticks));
            if (delivered == 0) await Task.WhenAny(next, Task.Delay(poll, stopping));
        }

        // The last requests have been answered: whom they concern hears of it before the process ends.
        while (await Turn(epoch, CancellationToken.None) > 0)
        {
        }
    }

    private async Task<int> Turn(long epoch, CancellationToken ct)
    {
        try
        {
            if (clock.GetUtcNow() - _swept > SweepEvery)
            {
                _swept = clock.GetUtcNow();
                await Use(db => Forget(db, ct));
            }

            return await relay.RunOnce(epoch, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e) when (e.Failed())
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

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The outbox could not be read or written. It is tried again.")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
