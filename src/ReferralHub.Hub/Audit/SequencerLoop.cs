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

/// <summary>Runs the <see cref="Sequencer"/> in the server, and ends the server when the log was touched by another.</summary>
internal sealed partial class SequencerLoop(
    IServiceScopeFactory scopes, Sequencer sequencer, HubKeys keys, Wakes wakes, LogHealth health, Fatal fatal,
    ILogger<SequencerLoop> logger) : Loop(scopes, fatal, logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(Limits.SequencerMilliseconds);

    // Commands beside the server write events too and cannot wake us.
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    protected override async Task Run(CancellationToken stopping)
    {
        var epoch = await Lead(Lease.Sequencer, stopping);
        while (!stopping.IsCancellationRequested) await Turn(epoch, stopping);
        try
        {
            // The last requests have been answered: what they did gets its place before the process ends.
            while (await Use(db => sequencer.RunOnce(db, epoch, CancellationToken.None)) > 0)
            {
            }
        }
        catch (Exception e) when (e.Failed())
        {
            Log.Failed(Logger, e); // after the next start
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
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
        catch (Exception e) when (e is not (LogForkedException or LeaseLostException or OperationCanceledException))
        {
            // A full disk, for one. Nothing is lost: the events wait, and LogHealth turns the hub's answer to no.
            Log.Failed(logger, e);
            await Task.Delay(Poll, ct);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The audit log could not be written. It is tried again.")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
