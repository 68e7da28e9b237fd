using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Log;
using ReferralHub.Hub.Log;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Audit;

/// <summary>The log is not what this process left there. To go on could publish two histories, so the process ends.</summary>
internal sealed class LogForkedException(string what) : Exception(
    $"The audit log is not what this process left there: {what}. Nothing more is written. Make sure that one hub uses this data folder, check it with 'referralhub log verify --full', then start again.");

/// <summary>
/// Gives events their places in the audit log: one at a time, one leader, in commit order. Spec: docs/protocol.md §4.5.
/// </summary>
internal sealed class Sequencer(HubKeys keys)
{
    /// <summary>Opens the log of a new hub: a signed head of no events.</summary>
    public static async Task Open(HubDb db, HubKeys keys, CancellationToken ct) =>
        await Publication.Swap(
            db, LogName.Audit, null, new TileTree(0, _ => default), keys.AuditLog, keys.Cosigner, ct);

    /// <summary>Publishes the next batch.</summary>
    /// <returns>How many events it had: up to <see cref="Limits.SequencerBatch"/>.</returns>
    /// <exception cref="LogForkedException">Somebody else leads, or published something.</exception>
    public async Task<int> RunOnce(HubDb db, long epoch, CancellationToken ct)
    {
        if (await Stage(db, epoch, ct) is not { } batch) return 0;
        await Swap(db, epoch, batch, ct);
        return batch.Records.Count;
    }

    /// <summary>
    /// First commit: the tiles. A crash after it loses nothing and shows nothing. The events still wait; readers get no byte
    /// beyond the published size; the next run starts from the published head and writes over what was staged, with the
    /// same leaves or, if others came before them meanwhile, with others.
    /// </summary>
    internal static async Task<Batch?> Stage(HubDb db, long epoch, CancellationToken ct)
    {
        var queue = db.Set<AuditRecord>().AsNoTracking().Where(r => r.Index == null).OrderBy(r => r.Id).Take(Limits.SequencerBatch);
        if (!await queue.AnyAsync(ct)) return null;

        return await db.Write(async token =>
        {
            if (!await Lease.Holds(db, Lease.Sequencer, epoch, token)) throw new LogForkedException("another process leads");

            var waiting = await queue.ToListAsync(token);
            var head = await db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == LogName.Audit, token);
            var growth = StoredTile.Tree(db, LogName.Audit, head.Size).Append([.. waiting.Select(r => MerkleTree.LeafHash(r.Leaf()))]);
            await StoredTile.Stage(db, LogName.Audit, growth, token);
            _ = growth.Tree.Root; // read now, while the tiles that it needs cannot change
            return new Batch(head.ToTreeHead(), growth.Tree, waiting);
        }, ct);
    }

    /// <summary>
    /// Second commit: the head, and the places of the events. It compares, so the tree that was signed is one that extends
    /// what is published; and it is all or nothing, so an event has a place exactly when a published head covers it.
    /// </summary>
    internal Task Swap(HubDb db, long epoch, Batch batch, CancellationToken ct) =>
        db.Write(async token =>
        {
            if (!await Lease.Holds(db, Lease.Sequencer, epoch, token)) throw new LogForkedException("another process leads");
            if (!await Publication.Swap(db, LogName.Audit, batch.Old, batch.Tree, keys.AuditLog, keys.Cosigner, token))
                throw new LogForkedException($"the head is no longer the one of {batch.Old.Size} events");

            var index = batch.Old.Size;
            foreach (var record in batch.Records)
            {
                record.Index = null; // as it is in the database, also when this runs again
                db.Attach(record);
                record.Index = index++;
            }
        }, ct);

    /// <summary>Events whose leaves are in durable tiles and in no published head yet.</summary>
    internal sealed record Batch(TreeHead Old, TileTree Tree, IReadOnlyList<AuditRecord> Records);
}
