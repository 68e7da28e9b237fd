using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Cryptography.Log;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary>
/// Keeps the newest checkpoint of the audit log, each proved to continue the one before by the log's own tiles. That is what
/// makes a rewritten history show, whoever asks for receipts. Spec: docs/protocol.md §4.1.
/// </summary>
internal sealed class FollowAuditLog(TimeProvider clock, ILogger<FollowAuditLog> log)
{
    public async Task RunAsync(GatewayDb db, HubClient hub, Genesis genesis, CancellationToken ct)
    {
        var note = await hub.GetCheckpointAsync(HubLog.Audit, ct);
        if (!genesis.TryOpenAuditCheckpoint(note, out var shown, out var number))
            throw new HubAnswerException("The audit log's checkpoint is not signed by the audit log.");

        var head = await db.LogHeads.AsNoTracking().SingleOrDefaultAsync(h => h.Log == HubLog.Audit, ct);
        if (head is not null && number > head.Number)
        {
            await TakeOpening.RunAsync(db, hub, genesis, head, (shown, number), clock, log, ct);
            return;
        }

        var contradiction = number < head?.Number ? AlarmCode.LogRolledBack : LogHeads.Contradiction(head, shown);
        if (contradiction is null && head is not null && !await ContinuesAsync(hub, head.Head, new TreeHead(shown.Checkpoint.Size, shown.Checkpoint.Root), ct))
            contradiction = AlarmCode.LogForked;

        await db.Write(
            async () =>
            {
                if (contradiction is not { } code)
                {
                    await LogHeads.KeepAsync(db, HubLog.Audit, shown, ct, number);
                    return;
                }

                var alarm = new Alarm
                {
                    At = clock.GetUtcNow(),
                    Code = code,
                    Detail = $"audit at {shown.Checkpoint.Size}",
                    Log = HubLog.Audit,
                    Held = head?.Note,
                    Shown = note,
                };
                await Alarms.RaiseAsync(db, alarm, log, ct);
            },
            ct);
    }

    /// <summary>Whether the log at <paramref name="shown"/> begins with the log at <paramref name="held"/>, by the log's own tiles.</summary>
    public static async Task<bool> ContinuesAsync(HubClient hub, TreeHead held, TreeHead shown, CancellationToken ct)
    {
        if (held.Size == 0 || (held.Size == shown.Size && held.Root == shown.Root)) return true;

        // The tree reads its tiles at once, the hub is asked for them one by one: try, fetch what was missing, try again.
        var tiles = new Dictionary<Tile, ReadOnlyMemory<byte>>();
        while (true)
        {
            Tile? missing = null;
            var tree = new TileTree(shown.Size, tile => tiles.TryGetValue(tile, out var hashes) ? hashes : Miss(tile));
            try
            {
                var proof = tree.ConsistencyProof(held.Size);
                return MerkleTree.VerifyConsistency(held.Size, shown.Size, held.Root, shown.Root, proof);
            }
            catch (KeyNotFoundException) when (missing is not null)
            {
                tiles.Add(missing.Value, await hub.GetTileAsync(HubLog.Audit, missing.Value, ct));
            }

            ReadOnlyMemory<byte> Miss(Tile tile)
            {
                missing = tile;
                throw new KeyNotFoundException(tile.Path);
            }
        }
    }
}
