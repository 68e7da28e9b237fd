using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Log;
using ReferralHub.Protocol.Audit;

namespace ReferralHub.Hub.Parts;

/// <summary>
/// Removes uploads and parts that no statement has claimed within <see cref="Limits.UnclaimedPartHours"/> hours, and erases
/// claimed ones when their time has come. The database overwrites what is deleted, and its journal is emptied.
/// </summary>
internal sealed partial class SweepParts(
    IServiceScopeFactory scopes, Uploads uploads, TimeProvider clock, Fatal fatal, ILogger<SweepParts> logger)
    : Loop(scopes, fatal, logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>Sweeps once.</summary>
    /// <returns>How many parts went.</returns>
    internal static async Task<int> RunOnce(HubDb db, Uploads uploads, CancellationToken ct)
    {
        var now = db.Clock.GetUtcNow();
        var before = now.AddHours(-Limits.UnclaimedPartHours);
        uploads.Sweep(before);

        // From here on nobody sees them. Whoever uploads one again makes it younger, so it stays.
        await db.Write(write => db.Set<SealedPart>()
            .Where(p => p.Whole && ((p.Referral == null && p.Created < before) || (p.EraseAt <= now && !p.Held)))
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.Whole, false), write), ct);
        var dead = await db.Set<SealedPart>().AsNoTracking()
            .Where(p => !p.Whole && ((p.Referral == null && p.Created < before) || (p.EraseAt <= now && !p.Held))).ToListAsync(ct);
        foreach (var part in dead) await SealedParts.RemoveRows(db, part.Id, write => End(db, part, write), ct);
        if (dead.Count > 0) await db.Store.Purge(db, ct);
        return dead.Count;
    }

    // What nobody claimed was never part of anything, and its end is no event. Of the others it is known what they were.
    private static async Task End(HubDb db, SealedPart part, CancellationToken ct)
    {
        var ended = db.Set<SealedPart>().Where(p => p.Id == part.Id);
        if (part.Referral is null)
        {
            await ended.ExecuteDeleteAsync(ct);
            return;
        }

        await ended.ExecuteUpdateAsync(set => set.SetProperty(p => p.EraseAt, (DateTimeOffset?)null), ct);
        db.Record(new AuditEvent
        {
            Event = AuditEventCode.PartErased,
            At = await db.EventTime(ct),
            Directory = (await db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == LogName.Directory, ct)).ToTreeHead(),
            Referral = part.Referral,
            Part = part.Part,
            Sha256 = part.Sha256,
        });
    }

    protected override async Task Run(CancellationToken stopping)
    {
        while (true)
        {
            await Turn(stopping);
            await Task.Delay(Every, clock, stopping);
        }
    }

    private async Task Turn(CancellationToken ct)
    {
        try
        {
            await Use(db => RunOnce(db, uploads, ct));
        }
        catch (Exception e) when (e.Failed())
        {
            Log.Failed(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Parts could not be swept or erased. It is tried again in an hour.")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
