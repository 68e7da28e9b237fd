using ReferralHub.Hub.Log;

namespace ReferralHub.Hub.Audit;

/// <summary>
/// Whether the audit log keeps up. When it does not, the hub accepts nothing: an act without its event would be worse.
/// </summary>
internal sealed class LogHealth(TimeProvider clock)
{
    private long _lastGood = clock.GetTimestamp();

    public bool IsBehind => clock.GetElapsedTime(Interlocked.Read(ref _lastGood)) > TimeSpan.FromSeconds(Limits.LogBehindSeconds);

    public void Good() => Interlocked.Exchange(ref _lastGood, clock.GetTimestamp());
}

/// <summary>Runs the <see cref="Sequencer"/> in the server, and ends the process when the log was touched by another.</summary>
internal sealed partial class SequencerLoop(
    IServiceScopeFactory scopes, Sequencer sequencer, HubKeys keys, Wakes wakes, LogHealth health, IHostApplicationLifetime process,
    ILogger<SequencerLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(Limits.SequencerMilliseconds);

    // Commands beside the server write events too and cannot wake us.
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    /// <summary>Why the process must end with an error, or null.</summary>
    public Exception? Fatal { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var epoch = await Use(db => Lease.Take(db, Lease.Sequencer, stoppingToken));
            while (!stoppingToken.IsCancellationRequested) await Turn(epoch, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            // Not logged and forgotten: the serve command reports it and exits 1.
            Fatal = e;
            process.StopApplication();
        }
    }

    private async Task Turn(long epoch, CancellationToken ct)
    {
        var next = wakes.Sequencer.Next;
        try
        {
            var count = await Use(db => sequencer.RunOnce(db, epoch, ct));
            await Use(async db =>
            {
                await Publication.Renew(db, keys, ct);
                return true;
            });
            health.Good();
            if (count == Limits.SequencerBatch) return;
            // Events that come within the pause share the next batch and its two commits.
            if (count > 0) await Task.Delay(Pause, ct);
            else await Task.WhenAny(next, Task.Delay(Poll, ct));
        }
        catch (Exception e) when (e is not (LogForkedException or OperationCanceledException))
        {
            // A full disk, for one. Nothing is lost: the events wait, and LogHealth turns the hub's answer to no.
            Log.Failed(logger, e);
            await Task.Delay(Poll, ct);
        }
    }

    private async Task<T> Use<T>(Func<HubDb, Task<T>> use)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<HubDb>());
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The audit log could not be written. It is tried again.")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
