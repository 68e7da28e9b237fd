using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Log;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Log;

/// <summary>Signing and publishing what a log has become (docs/protocol.md §4.1, §4.5).</summary>
internal static class Publication
{
    /// <summary>
    /// Puts the signed state of <paramref name="tree"/> in the place of <paramref name="old"/>, in the write that is under
    /// way; false when another state is published by now. The tiles of the tree are durable or in the same write.
    /// </summary>
    public static async Task<bool> Swap(
        HubDb db, LogName log, TreeHead? old, TileTree tree, NoteSigner signer, NoteSigner cosigner, CancellationToken ct, int number = 1)
    {
        var now = db.Clock.GetUtcNow();
        var signed = SignedCheckpoint.Sign(new Checkpoint(signer.Key.Name, tree.Size, tree.Root), signer).Cosign(cosigner, now);
        var (size, root, note) = (tree.Size, tree.Root, signed.Bytes.ToArray());
        if (old is null)
        {
            db.Add(new LogHead { Log = log, Size = size, Root = root, Note = note, Cosigned = now, Number = number });
        }
        else if (await Current(db, log, old).ExecuteUpdateAsync(
            set => set.SetProperty(h => h.Size, size).SetProperty(h => h.Root, root)
                .SetProperty(h => h.Note, note).SetProperty(h => h.Cosigned, now), ct) != 1)
        {
            return false;
        }

        db.Add(new PublishedHead { Log = log, Size = size, Root = root });
        return true;
    }

    /// <summary>
    /// Cosigns both heads again once they are <see cref="Limits.CosignMinutes"/> old, so that whoever reads them sees that the
    /// hub is alive and has nothing newer.
    /// </summary>
    public static async Task Renew(HubDb db, HubKeys keys, CancellationToken ct)
    {
        var now = db.Clock.GetUtcNow();
        var due = now.AddMinutes(-Limits.CosignMinutes);
        if (!await db.Set<LogHead>().AnyAsync(h => h.Cosigned <= due, ct)) return;

        await db.Write(async token =>
        {
            foreach (var head in await db.Set<LogHead>().Where(h => h.Cosigned <= due).ToListAsync(token))
            {
                var signer = keys.SignerOf(head);
                if (!SignedCheckpoint.TryOpen(head.Note, signer.Key, [keys.Cosigner.Key], out var signed))
                    throw new LogForkedException(HeadWatch.NameOf(head.Log), HeadWatch.NotOurs);
                (head.Note, head.Cosigned) = (signed.Cosign(keys.Cosigner, now).Bytes.ToArray(), now);
            }
        }, ct);
    }

    private static IQueryable<LogHead> Current(HubDb db, LogName log, TreeHead head)
    {
        var (size, root) = head;
        return db.Set<LogHead>().Where(h => h.Log == log && h.Size == size && h.Root == root);
    }
}
