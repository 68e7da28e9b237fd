using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Log;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Log;

/// <summary>A log is not what the hub left there. To go on could publish two histories, so the process ends.</summary>
internal sealed class LogForkedException(string log, string what) : Exception(
    $"The {log} log is not what this hub left there: {what}. Nothing more is written. Make sure that one hub uses this data folder and that it was not restored from a backup, check it with 'referralhub log verify --full', then start again.");

/// <summary>
/// Notices at the next look that a published head was changed from outside: put back by a restored file, for one. The audit
/// log grows by this process alone; the directory also by commands beside it, but it only grows. Spec: docs/protocol.md §4.5.
/// </summary>
internal sealed class HeadWatch(HubKeys keys)
{
    public const string NotOurs = "its checkpoint is not signed by the keys in this data folder; restore those that belong to this database";

    private readonly Dictionary<LogName, TreeHead> _left = [];
    private readonly Dictionary<LogName, byte[]> _notes = [];

    public static string NameOf(LogName log) => log.ToString().ToLowerInvariant();

    /// <summary>Says that this process published <paramref name="head"/>.</summary>
    public void Left(LogName log, TreeHead head) => _left[log] = head;

    /// <summary>Compares both heads with what was there last. One small read as long as nothing changes.</summary>
    /// <exception cref="LogForkedException">One is not what it may be.</exception>
    public async Task Look(HubDb db, CancellationToken ct)
    {
        // Read before the heads: a command may append to the directory in between.
        var published = _left.Count == 0 ? await Published(db, ct) : [];
        foreach (var head in await db.Set<LogHead>().AsNoTracking().ToListAsync(ct))
        {
            if (published.GetValueOrDefault(head.Log) is var size && head.Size < size)
                throw Forked(head, $"its head covers {head.Size} events, and {size} were published");
            Compare(db, head);
            (_left[head.Log], _notes[head.Log]) = (head.ToTreeHead(), head.Note);
        }
    }

    private static async Task<Dictionary<LogName, long>> Published(HubDb db, CancellationToken ct)
    {
        var sizes = new Dictionary<LogName, long>();
        foreach (var log in Enum.GetValues<LogName>())
            sizes[log] = await db.Set<PublishedHead>().Where(h => h.Log == log).MaxAsync(h => (long?)h.Size, ct) ?? 0;
        return sizes;
    }

    private void Compare(HubDb db, LogHead head)
    {
        if (!_notes.TryGetValue(head.Log, out var note) || !note.AsSpan().SequenceEqual(head.Note))
        {
            var key = keys.SignerOf(head).Key;
            if (!SignedCheckpoint.TryOpen(head.Note, key, [keys.Cosigner.Key], out var signed)) throw Forked(head, NotOurs);
            if (signed.Checkpoint.Size != head.Size || signed.Checkpoint.Root != head.Root) throw Forked(head, "its checkpoint is of another head");
        }

        var known = _left.TryGetValue(head.Log, out var left);
        if (known && left == head.ToTreeHead()) return;

        if (StoredTile.Tree(db, head.Log, head.Size).Root != head.Root) throw Forked(head, "its tiles have another root");
        if (!known) return;
        if (head.Log is LogName.Audit) throw Forked(head, $"its head is no longer the one of {left!.Size} events");
        if (head.Size < left!.Size || StoredTile.Tree(db, head.Log, left.Size).Root != left.Root) throw Forked(head, $"its first {left.Size} entries are others");
    }

    private static LogForkedException Forked(LogHead head, string what) => new(NameOf(head.Log), what);
}
