using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Log;
using ReferralHub.Hub.Log;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Audit;

/// <summary>
/// Gives events their places in the audit log: one at a time, one leader, in commit order. Spec: docs/protocol.md §4.5.
/// </summary>
internal sealed class Sequencer(HubKeys keys)
{
    private readonly HeadWatch _watch = new(keys);

    /// <summary>Opens the log of a new hub, or of a restored one: a signed head of no events.</summary>
    public static async Task Open(HubDb db, HubKeys keys, CancellationToken ct, int number = 1) =>
        await Publication.Swap(
            db, LogName.Audit, null, new TileTree(0, _ => default), keys.AuditLogOf(number), keys.Cosigner, ct, number);

    /// <summary>Publishes the next batch.</summary>
    /// <returns>How many events it had: up to <see cref="Limits.SequencerBatch"/>.</returns>
    /// <exception cref="LeaseLostException">Somebody else leads.</exception>
    /// <exception cref="LogForkedException">A head was changed from outside.</exception>
    public async Task<int> RunOnce(HubDb db, long epoch, CancellationToken ct)
    {
        await Lease.Look(db, Lease.Sequencer, epoch, ct);
        await _watch.Look(db, ct);
        if (await Stage(db, epoch, ct) is not { } batch) return 0;
        await Swap(db, epoch, batch, ct);
        _watch.Left(LogName.Audit, new(batch.Tree.Size, batch.Tree.Root));
        return batch.Records.Count;
    }

    /// <summary>
    /// First commit: the tiles. A crash after it loses nothing and shows nothing. The events still wait; readers get no byte
    /// beyond the published size; the next run starts from the published head and writes over what was staged, with the
    /// same leaves or, if others came before them meanwhile, with others.
    /// </summary>
    internal static async Task<Batch?> Stage(HubDb db, long epoch, CancellationToken ct)
    {
        var events = db.Set<AuditRecord>().AsNoTracking().Where(r => r.Index == null).OrderBy(r => r.Id);
        if (!await events.AnyAsync(ct)) return null;

        // Of what was erased only where a restored hub's new log takes it over; the event of the erasure waits behind it.
        var erased = db.Set<ErasedRecord>().AsNoTracking().Where(r => r.Index == null).OrderBy(r => r.Id);
        var batch = Limits.SequencerBatch;

        return await db.Write(async token =>
        {
            await Lease.Require(db, Lease.Sequencer, epoch, token);

            ILogged[] waiting = [.. (await events.Take(batch).ToListAsync(token)).Concat<ILogged>(await erased.Take(batch).ToListAsync(token)).OrderBy(r => r.Id).Take(batch)];
            var head = await db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == LogName.Audit, token);
            var growth = StoredTile.Tree(db, LogName.Audit, head.Size).Append([.. waiting.Select(r => r.LeafHash)]);
            await StoredTile.Stage(db, LogName.Audit, growth, token);
            _ = growth.Tree.Root; // read now, while the tiles that it needs cannot change
            return new Batch(head.ToTreeHead(), head.Number, growth.Tree, waiting);
        }, ct);
    }

    /// <summary>
    /// Second commit: the head, and the places of the events. It compares, so the tree that was signed is one that extends
    /// what is published; and it is all or nothing, so an event has a place exactly when a published head covers it.
    /// </summary>
    internal Task Swap(HubDb db, long epoch, Batch batch, CancellationToken ct) =>
        db.Write(async token =>
        {
            await Lease.Require(db, Lease.Sequencer, epoch, token);
            if (!await Publication.Swap(db, LogName.Audit, batch.Old, batch.Tree, keys.AuditLogOf(batch.Log), keys.Cosigner, token))
                throw new LogForkedException("audit", $"the head is no longer the one of {batch.Old.Size} events");

            var index = batch.Old.Size;
            foreach (var record in batch.Records)
            {
                record.Index = null; // as it is in the database, also when this runs again
                db.Attach((object)record); // as what it is
                record.Index = index++;
            }
        }, ct);

    /// <summary>Events whose leaves are in durable tiles and in no published head yet.</summary>
    internal sealed record Batch(TreeHead Old, int Log, TileTree Tree, IReadOnlyList<ILogged> Records);
}
