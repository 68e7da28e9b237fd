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
    /// <param name="Erased">Leaves of which nothing else is left, as an event says.</param>
    /// <param name="Wrong">The first thing wrong, or null.</param>
    internal sealed record Found(long Directory, long Audit, long Opened, long Erased, string? Wrong);

    private const int Page = 4096;
    private const int Shown = 20;

    public static async Task<Found> Run(HubDb db, HubKeys keys, bool full, CancellationToken ct)
    {
        // One transaction, so that a server that runs meanwhile does not move the logs under us.
        await using var snapshot = await db.Store.Snapshot(db, ct);
        try
        {
            var (entries, wrong) = await Directory(db, keys, ct);
            return wrong is null ? await Audit(db, keys, entries, full, ct) : new(entries, 0, 0, 0, wrong);
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

    private static async Task<Found> Audit(HubDb db, HubKeys keys, long entries, bool full, CancellationToken ct)
    {
        var (frontier, opened, erased) = (new MerkleFrontier(), 0L, 0L);
        var (size, named, unexplained) = (await Logged(db, ct), await Named(db, ct), new List<long>());
        while (frontier.Size < size)
        {
            var (first, next) = (frontier.Size, Math.Min(frontier.Size + Page, size));
            var events = await db.Set<AuditRecord>().AsNoTracking().Where(r => r.Index >= first && r.Index < next).ToDictionaryAsync(r => r.Index!.Value, ct);
            var remains = await db.Set<ErasedRecord>().AsNoTracking().Where(r => r.Index >= first && r.Index < next).ToDictionaryAsync(r => r.Index!.Value, r => r.Leaf, ct);
            async Task<Digest?> Left(long index) => remains.TryGetValue(index, out var leaf) ? leaf : await StoredTile.Leaf(db, LogName.Audit, index, ct);
            for (var index = first; index < next; index++)
            {
                if (events.TryGetValue(index, out var happened))
                {
                    if (full && (!AuditEvent.TryRead(happened.Event, out var read) || read.CoarseType != happened.CoarseType || read.Event != happened.Code))
                        return Say($"audit event {index} is not well-formed");
                    if (full) opened++;
                    frontier.Append(happened.LeafHash);
                    continue;
                }

                // A row that is gone is named, with all others, by going on with what the log's tiles have of it.
                if (await Left(index) is not { } leaf) return Say($"audit event {index} is missing");
                frontier.Append(leaf);
                if (remains.ContainsKey(index) && named.Contains(index)) erased++;
                else unexplained.Add(index);
            }
        }

        return Say(await Compare(db, LogName.Audit, keys, frontier, ct) ?? Explain(unexplained));

        Found Say(string? wrong) => new(entries, frontier.Size, opened, erased, wrong);
    }

    private static string? Explain(List<long> unexplained) => unexplained.Count == 0 ? null
        : $"neither opened nor erased: audit events {string.Join(", ", unexplained.Take(Shown))}{(unexplained.Count > Shown ? $" and {unexplained.Count - Shown} more" : "")}";

    private static async Task<long> Logged(HubDb db, CancellationToken ct) =>
        1 + Math.Max(await db.Set<AuditRecord>().MaxAsync(r => r.Index, ct) ?? -1, await db.Set<ErasedRecord>().MaxAsync(r => r.Index, ct) ?? -1);

    // The indexes that events of erasures name. Those count without what restored hubs began the log with.
    private static async Task<HashSet<long>> Named(HubDb db, CancellationToken ct)
    {
        var opened = await db.Set<AuditRecord>().LongCountAsync(r => r.Id < AuditRecord.FirstId, ct);
        var erasures = await db.Set<AuditRecord>().AsNoTracking().Where(r => r.Code == AuditEventCode.Erased).Select(r => r.Event).ToListAsync(ct);
        // One that cannot be read names nothing; that it is broken shows at its own place.
        return [.. erasures.SelectMany(erasure => AuditEvent.TryRead(erasure, out var read) ? read.Places ?? [] : []).Select(place => place + opened)];
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
