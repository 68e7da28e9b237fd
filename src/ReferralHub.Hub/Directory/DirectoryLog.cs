using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Log;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Log;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Directory;

/// <summary>The directory log's only writer (docs/protocol.md §4.2).</summary>
internal static class DirectoryLog
{
    /// <summary>
    /// Appends an entry that a replay has accepted, in the write that is under way: entry, tiles, signed head and audit event
    /// are one commit, so no state between them can be seen or left behind.
    /// </summary>
    /// <returns>The log's head with it: later events of the same write name this one.</returns>
    /// <param name="db">The context of the write.</param>
    /// <param name="keys">The hub's keys.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="silently">Leaves the event out: the entry was published before, by the hub of which this one is a restored backup.</param>
    public static async Task<TreeHead> Append(HubDb db, HubKeys keys, byte[] entry, CancellationToken ct, bool silently = false)
    {
        var head = await db.Set<LogHead>().AsNoTracking().SingleOrDefaultAsync(h => h.Log == LogName.Directory, ct);
        var growth = StoredTile.Tree(db, LogName.Directory, head?.Size ?? 0).Append([MerkleTree.LeafHash(entry)]);
        db.Add(new DirectoryEntry { Index = growth.Tree.Size - 1, Bytes = entry });
        await StoredTile.Stage(db, LogName.Directory, growth, ct);
        if (!await Publication.Swap(db, LogName.Directory, head?.ToTreeHead(), growth.Tree, keys.DirectoryLog, keys.Cosigner, ct))
            throw new DbUpdateConcurrencyException("Another process appended to the directory.");
        var grown = new TreeHead(growth.Tree.Size, growth.Tree.Root);
        if (!silently) db.Record(new AuditEvent { Event = AuditEventCode.DirectoryCheckpoint, At = await db.EventTime(ct), Directory = grown });
        return grown;
    }
}
