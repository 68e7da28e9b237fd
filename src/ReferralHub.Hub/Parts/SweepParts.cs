using Microsoft.EntityFrameworkCore;

namespace ReferralHub.Hub.Parts;

/// <summary>Removes uploads and parts that no statement has claimed within <see cref="Limits.UnclaimedPartHours"/> hours.</summary>
internal sealed partial class SweepParts(IServiceScopeFactory scopes, DataFolder data, TimeProvider clock, ILogger<SweepParts> logger)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>Sweeps once. Rows go 1 MiB a write; a part is unseen from its first write on.</summary>
    internal static async Task<int> RunOnce(HubDb db, DataFolder data, CancellationToken ct)
    {
        var before = db.Clock.GetUtcNow().AddHours(-Limits.UnclaimedPartHours);
        Spool.Sweep(data, before);

        await db.Write(write => db.Set<SealedPart>().Where(p => p.Referral == null && p.Created < before)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.Whole, false), write), ct);
        var dead = await db.Set<SealedPart>().Where(p => !p.Whole && p.Created < before).Select(p => p.Id).ToListAsync(ct);
        foreach (var id in dead)
        {
            var rows = db.Set<PartRow>().Where(r => r.Part == id);
            while (await rows.AnyAsync(ct))
            {
                await db.Write(async write =>
                {
                    var last = await rows.MinAsync(r => r.Number, write) + Limits.PartRowsPerWrite;
                    await rows.Where(r => r.Number < last).ExecuteDeleteAsync(write);
                }, ct);
            }

            await db.Write(write => db.Set<SealedPart>().Where(p => p.Id == id).ExecuteDeleteAsync(write), ct);
        }

        return dead.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Turn(stoppingToken);
                await Task.Delay(Every, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task Turn(CancellationToken ct)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await RunOnce(scope.ServiceProvider.GetRequiredService<HubDb>(), data, ct);
        }
        catch (Exception e) when (e is IOException or System.Data.Common.DbException)
        {
            Log.Failed(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Unclaimed parts could not be swept. It is tried again in an hour.")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
