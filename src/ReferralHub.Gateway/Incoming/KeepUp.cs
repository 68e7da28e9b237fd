using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// Keeps up with the hub as long as the gateway runs: a round whenever the feed has something, at least every half minute,
/// and the outbox every second. Nothing here is lost by stopping anywhere: each step commits by itself.
/// </summary>
internal sealed partial class KeepUp(
    IDbContextFactory<GatewayDb> dbs,
    HubClient hub,
    Sync sync,
    Dispatch dispatch,
    DestroyKeys keys,
    FollowDirectory directory,
    TimeProvider clock,
    ILogger<KeepUp> log) : BackgroundService
{
    private static readonly TimeSpan OutboxPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NotEnrolledPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(RepeatAsync(RoundAsync, stoppingToken), RepeatAsync(OutboxAsync, stoppingToken));

    private async Task RoundAsync(CancellationToken ct)
    {
        await sync.RunAsync(ct);
        if (!directory.IsEnrolled)
        {
            await Task.Delay(NotEnrolledPause, clock, ct);
            return;
        }

        await using (var kept = await dbs.CreateDbContextAsync(ct)) await keys.RunAsync(kept, ct);
        // Only to wake up: the round reads the feed itself, from its own position.
        await using var db = await dbs.CreateDbContextAsync(ct);
        var position = (await db.Bindings.AsNoTracking().SingleAsync(ct)).FeedPosition;
        await hub.GetFeedAsync(position, HubClient.LongestFeedWait, ct);
    }

    private async Task OutboxAsync(CancellationToken ct)
    {
        if (directory.IsEnrolled) await dispatch.RunAsync(stream: null, ct);
        await Task.Delay(OutboxPause, clock, ct);
    }

    private async Task RepeatAsync(Func<CancellationToken, Task> step, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await step(ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is HubUnreachableException or HubRefusedException or HubAnswerException or RefusedException || e.Failed())
            {
                Behind(log, e);
                await Task.Delay(FailurePause, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not keep up with the hub; trying again")]
    private static partial void Behind(ILogger logger, Exception error);
}
