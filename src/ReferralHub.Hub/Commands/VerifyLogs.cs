using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Log;
using ReferralHub.Protocol.Audit;

namespace ReferralHub.Hub.Commands;

/// <summary>
/// Recomputes both logs from what is stored: every entry or event against the tiles, the roots against the signed heads.
/// Spec: docs/protocol.md §4.
/// </summary>
internal static class VerifyLogs
{
    /// <param name="Directory">Entries checked.</param>
    /// <param name="Audit">Events checked.</param>
    /// <param name="Opened">Leaves opened to a well-formed event; only with <c>--full</c>.</param>
    /// <param name="Wrong">The first thing wrong, or null.</param>
    internal sealed record Found(long Directory, long Audit, long Opened, string? Wrong);

    public static async Task<Found> Run(HubDb db, HubKeys keys, bool full, CancellationToken ct)
    {
        // One transaction, so that a server that runs meanwhile does not move the logs under us.
        await using var snapshot = await db.Store.Snapshot(db, ct);
        try
        {
            var (entries, wrong) = await Directory(db, keys, ct);
            var (events, opened) = (0L, 0L);
            if (wrong is null) (events, opened, wrong) = await Audit(db, keys, full, ct);
            return new(entries, events, opened, wrong);
        }
        finally
        {
            await db.Database.UseTransactionAsync(null, CancellationToken.None); // whoever uses the context next is not in it
        }
    }

    private static async Task<(long Entries, string? Wrong)> Directory(HubDb db, HubKeys keys, CancellationToken ct)
    {
        var frontier = new MerkleFrontier();
        var entries = db.Set<DirectoryEntry>().AsNoTracking().OrderBy(e => e.Index).AsAsyncEnumerable();
        await foreach (var entry in entries.WithCancellation(ct)) frontier.Append(MerkleTree.LeafHash(entry.Bytes));
        return (frontier.Size, await Compare(db, LogName.Directory, keys, frontier, ct));
    }

    private static async Task<(long Events, long Opened, string? Wrong)> Audit(HubDb db, HubKeys keys, bool full, CancellationToken ct)
    {
        var frontier = new MerkleFrontier();
        var opened = 0L;
        var records = db.Set<AuditRecord>().AsNoTracking().Where(r => r.Index != null).OrderBy(r => r.Index).AsAsyncEnumerable();
        await foreach (var record in records.WithCancellation(ct))
        {
            if (record.Index != frontier.Size) return (frontier.Size, opened, $"audit event {frontier.Size} is missing");
            if (full && (!AuditEvent.TryRead(record.Event, out var read) || read.CoarseType != record.CoarseType || read.Event != record.Code))
                return (frontier.Size, opened, $"audit event {frontier.Size} is not well-formed");
            frontier.Append(MerkleTree.LeafHash(record.Leaf()));
            if (full) opened++;
        }

        return (frontier.Size, opened, await Compare(db, LogName.Audit, keys, frontier, ct));
    }

    private static async Task<string?> Compare(
        HubDb db, LogName log, HubKeys keys, MerkleFrontier frontier, CancellationToken ct)
    {
        var name = log.ToString().ToLowerInvariant();
        if (await db.Set<LogHead>().AsNoTracking().SingleOrDefaultAsync(h => h.Log == log, ct) is not { } head)
            return $"the {name} log has no head: run 'referralhub genesis complete'";
        if (!SignedCheckpoint.TryOpen(head.Note, keys.SignerOf(head).Key, [keys.Cosigner.Key], out var signed)) return $"the {name} log's checkpoint is not signed by this hub's keys";
        if (signed.Checkpoint.Size != frontier.Size) return $"the {name} log's checkpoint covers {signed.Checkpoint.Size}, {frontier.Size} are stored";
        if (signed.Checkpoint.Root != frontier.Root || head.Root != frontier.Root) return $"the {name} log's checkpoint has another root than what is stored";
        return TileRoot(db, log, head.Size) == frontier.Root ? null : $"the {name} log's tiles have another root than what is stored";
    }

    private static Digest TileRoot(HubDb db, LogName log, long size) => StoredTile.Tree(db, log, size).Root;
}
