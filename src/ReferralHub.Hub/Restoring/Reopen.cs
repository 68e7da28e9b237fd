using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Log;
using ReferralHub.Hub.Referrals;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Restoring;

/// <summary>
/// Opens the new audit log of a restored hub: what the backup had, then what came back, each event as it was. One write, so there
/// is no state between. The sequencer gives all of them their places. Spec: docs/protocol.md §4.7.
/// </summary>
internal static class Reopen
{
    /// <summary>What came of it.</summary>
    /// <param name="Number">The log's number.</param>
    /// <param name="Former">What it says of the one before.</param>
    /// <param name="Aside">Statements that were brought and did not take effect again.</param>
    internal sealed record Opened(int Number, FormerLog Former, IReadOnlyList<Digest> Aside);

    /// <summary>Agencies that have not handed in all they hold.</summary>
    public static async Task<IReadOnlyList<AgencyId>> Missing(HubDb db, AgencyDirectory directory, CancellationToken ct)
    {
        var here = await db.Set<Attendance>().Where(a => a.Done).Select(a => a.Agency).ToListAsync(ct);
        return [.. directory.Agencies.Where(agency => agency.Status == AgencyStatus.Active && !here.Contains(agency.Id)).Select(agency => agency.Id)];
    }

    /// <summary>Opens it.</summary>
    /// <exception cref="AdmissionException">Two agencies hold heads of two histories.</exception>
    public static Task<Opened> Run(HubDb db, HubKeys keys, Agencies agencies, Intake intake, CancellationToken ct) => db.Write(
        async write =>
        {
            var restoration = await db.Set<Restoration>().SingleAsync(r => r.Opened == null, write);
            var (now, number) = (await agencies.Now(db, write), restoration.Number);
            var former = await Newest(db, write);
            var kept = await db.Set<AuditRecord>().LongCountAsync(write) + await db.Set<ErasedRecord>().LongCountAsync(write);

            await BeginAnew(db, keys, number, write);
            var (returned, aside) = await Return(db, intake, now, number, write);
            await Continue(db, keys, restoration, now, write);

            var origin = now.Entries.Genesis.Origin;
            var said = new FormerLog(origin.AuditLogOf(number - 1), former.Size, former.Root, kept, returned);
            var opened = new AuditEvent { Event = AuditEventCode.LogOpened, At = WireTime.Whole(db.Clock.GetUtcNow()), Directory = now.Head, Former = said };
            // Before all that there is: each log's own before that of the one before it.
            db.RecordFirst(opened, -number);
            (await db.Set<Restoration>().SingleAsync(r => r.Number == number, write)).Opened = opened.At;
            await db.Set<HandedIn>().ExecuteDeleteAsync(write);
            await db.Set<Attendance>().ExecuteDeleteAsync(write);
            return new Opened(number, said, aside);
        },
        ct);

    // Two of one size with two roots prove that the hub had shown two histories: that is for people to look at.
    private static async Task<TreeHead> Newest(HubDb db, CancellationToken ct)
    {
        var own = await db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == LogName.Audit, ct);
        var shown = await db.Set<Attendance>().AsNoTracking().Where(a => a.Size != null).ToListAsync(ct);
        List<(AgencyId Agency, TreeHead Head)> heads = [(AgencyId.Hub, own.ToTreeHead()), .. shown.Select(a => (a.Agency, new TreeHead(a.Size!.Value, a.Root!.Value)))];
        foreach (var same in heads.GroupBy(h => h.Head.Size).Where(group => group.Select(h => h.Head.Root).Distinct().Count() > 1))
            throw new AdmissionException($"{string.Join(" and ", same.Select(h => h.Agency))} hold two histories of {same.Key} events, both signed by this hub. Nothing is opened: keep this folder and find out why.");
        return heads.Select(h => h.Head).MaxBy(h => h.Size)!;
    }

    private static async Task BeginAnew(HubDb db, HubKeys keys, int number, CancellationToken ct)
    {
        await db.Set<AuditRecord>().ExecuteUpdateAsync(set => set.SetProperty(r => r.Index, (long?)null), ct);
        await db.Set<ErasedRecord>().ExecuteUpdateAsync(set => set.SetProperty(r => r.Index, (long?)null), ct);
        await db.Set<StoredTile>().Where(t => t.Log == LogName.Audit).ExecuteDeleteAsync(ct);
        await db.Set<PublishedHead>().Where(h => h.Log == LogName.Audit).ExecuteDeleteAsync(ct);
        await db.Set<LogHead>().Where(h => h.Log == LogName.Audit).ExecuteDeleteAsync(ct);
        await Sequencer.Open(db, keys, ct, number);
        await db.SaveChangesAsync(ct);
        db.ChangeTracker.Clear();
    }

    // In the order of then. Within one second what is not proved has none; what a statement needs comes before it by trying again.
    private static async Task<(long Returned, IReadOnlyList<Digest> Aside)> Return(HubDb db, Intake intake, DirectoryNow now, int number, CancellationToken ct)
    {
        var brought = await db.Set<HandedIn>().AsNoTracking()
            .Where(h => !db.Set<StoredStatement>().Any(s => s.Id == h.Statement) && !db.Set<ErasedRecord>().Any(r => r.Statement == h.Statement))
            .ToListAsync(ct);
        var (again, aside, returned) = (new TakeAgain(db, intake, now), new List<Digest>(), 0L);
        var came = brought.Select(row => (row.Statement, Came: Returned.Of(row, now.Entries.Genesis, number))).ToList();
        aside.AddRange(came.Where(c => c.Came is null).Select(c => c.Statement));
        foreach (var second in came.Select(c => c.Came).OfType<Returned>().GroupBy(c => c.At).OrderBy(group => group.Key))
        {
            var left = second.OrderBy(c => c.Index ?? long.MaxValue).ToList();
            for (var before = int.MaxValue; left.Count > 0 && left.Count < before;)
            {
                before = left.Count;
                foreach (var one in left.ToList())
                {
                    if (!await IsInOrder(db, one, ct) || !await again.Run(one, ct))
                    {
                        db.ChangeTracker.Clear();
                        continue;
                    }

                    await db.SaveChangesAsync(ct);
                    db.ChangeTracker.Clear();
                    left.Remove(one);
                    returned++;
                }
            }

            aside.AddRange(left.Select(one => one.Signed.Id));
        }

        return (returned, aside);
    }

    private static async Task<bool> IsInOrder(HubDb db, Returned one, CancellationToken ct)
    {
        var last = AuditRecord.Read(await db.Set<AuditRecord>().OrderByDescending(r => r.Id).Select(r => r.Event).FirstAsync(ct));
        return one.At >= last.At && one.Directory.Size >= last.Directory.Size && await PublishedHead.Exists(db, LogName.Directory, one.Directory, ct);
    }

    // The directory grew without its events, and what a closing hands back may not have come back.
    private static async Task Continue(HubDb db, HubKeys keys, Restoration restoration, DirectoryNow now, CancellationToken ct)
    {
        if (now.Head.Size == restoration.Directory) return;
        db.Record(new AuditEvent { Event = AuditEventCode.DirectoryCheckpoint, At = await db.EventTime(ct), Directory = now.Head });
        await db.SaveChangesAsync(ct);
        foreach (var closed in now.Entries.Agencies.Where(agency => agency.Status == AgencyStatus.Closed)) await HandBack.All(db, keys, closed.Id, now, ct);
        await db.SaveChangesAsync(ct);
        db.ChangeTracker.Clear();
    }
}
