using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Clocks;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Parts;
using ReferralHub.Hub.Referrals;
using ReferralHub.Protocol.Clocks;

namespace ReferralHub.Hub.Metrics;

/// <summary>Looks every so often at what stands in the database. While that fails the numbers stay as they were, and the log says so.</summary>
internal sealed partial class Measure(
    IServiceScopeFactory scopes, HubMeters meters, Uploads uploads, TimeProvider clock, Fatal fatal, ILogger<Measure> logger) : Loop(scopes, fatal, logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(Limits.MetricsSeconds);

    protected override async Task Run(CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await Use(async db =>
                {
                    await Look(db, meters, uploads, stopping);
                    return true;
                });
            }
            catch (Exception e) when (e.Failed())
            {
                Log.Failed(Logger, e);
            }

            await Task.Delay(Every, clock, stopping);
        }
    }

    internal static async Task Look(HubDb db, HubMeters meters, Uploads uploads, CancellationToken ct)
    {
        var now = db.Clock.GetUtcNow();
        var oldest = await db.Set<OutboxMessage>().MinAsync(m => (DateTimeOffset?)m.Created, ct);
        meters.Stand(await db.Set<OutboxMessage>().CountAsync(ct), Since(oldest), await db.Set<ParkedMessage>().CountAsync(ct));

        var queue = db.Set<AuditRecord>().AsNoTracking().Where(r => r.Index == null);
        var first = await queue.OrderBy(r => r.Id).FirstOrDefaultAsync(ct);
        meters.StandLog(await queue.CountAsync(ct), Since(first?.Read().At));

        var missed = await db.Set<ClockRecord>().Where(c => c.Due <= now).GroupBy(c => c.Kind).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        var owed = await db.Set<OwedRecord>().Where(o => o.Due <= now).GroupBy(o => o.Kind).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        foreach (var kind in Enum.GetValues<ClockKind>()) meters.StandOverdue(kind, missed.GetValueOrDefault(kind) + owed.GetValueOrDefault(kind));
        meters.StandUploads(uploads.Count);

        // Not below zero where the clock was set back.
        TimeSpan Since(DateTimeOffset? at) => at is { } known && known < now ? now - known : TimeSpan.Zero;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "What the metrics show could not be read.")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
