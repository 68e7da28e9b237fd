using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Cryptography.Log;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary>The heads that every statement of ours names, docs/protocol.md §3.2.</summary>
internal static class LogHeads
{
    /// <summary>What a new checkpoint says against the one held, as far as the two alone can tell; null when nothing.</summary>
    public static AlarmCode? Contradiction(LogHead? held, SignedCheckpoint shown)
    {
        if (held is null) return null;
        if (shown.Checkpoint.Size < held.Size) return AlarmCode.LogRolledBack;
        return shown.Checkpoint.Size == held.Size && shown.Checkpoint.Root != held.Root ? AlarmCode.LogForked : null;
    }

    /// <summary>Puts a checkpoint that was found consistent in the place of the one held; its cosignature never gets older.</summary>
    public static async Task KeepAsync(GatewayDb db, HubLog log, SignedCheckpoint shown, CancellationToken ct, int number = 1)
    {
        var cosigned = shown.Cosignatures.Count == 0 ? (DateTimeOffset?)null : shown.Cosignatures.Max(c => c.Time);
        if (await db.LogHeads.SingleOrDefaultAsync(h => h.Log == log, ct) is not { } head)
        {
            db.LogHeads.Add(new LogHead
            {
                Log = log,
                Size = shown.Checkpoint.Size,
                Root = shown.Checkpoint.Root,
                Note = shown.Bytes.ToArray(),
                CosignedAt = cosigned,
                Number = number,
            });
            return;
        }

        if (shown.Checkpoint.Size == head.Size && cosigned <= head.CosignedAt) return;
        (head.Size, head.Root, head.Note) = (shown.Checkpoint.Size, shown.Checkpoint.Root, shown.Bytes.ToArray());
        head.CosignedAt = cosigned > head.CosignedAt || head.CosignedAt is null ? cosigned : head.CosignedAt;
    }

    /// <summary>Both heads, to sign under.</summary>
    public static async Task<(TreeHead Directory, TreeHead Audit)> ReadAsync(GatewayDb db, CancellationToken ct)
    {
        var heads = await db.LogHeads.AsNoTracking().ToDictionaryAsync(h => h.Log, h => h.Head, ct);
        return heads.TryGetValue(HubLog.Directory, out var directory) && heads.TryGetValue(HubLog.Audit, out var audit)
            ? (directory, audit)
            : throw new RefusedException(Refusal.DirectoryStale, "The hub's logs were never read: connect to the hub first.");
    }
}
