using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Log;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Identity;
using ReferralHub.Hub.Log;
using ReferralHub.Protocol.Directory;

namespace ReferralHub.Hub.Restoring;

/// <summary>
/// Brings the directory to where an agency has seen it. The same entries make the same tree, so the hub only says again what it
/// had said: the directory log goes on, unlike the audit log. Spec: docs/protocol.md §4.7.
/// </summary>
internal static class CompleteDirectory
{
    /// <summary>Completes it.</summary>
    /// <param name="db">A context.</param>
    /// <param name="keys">The hub's keys.</param>
    /// <param name="agencies">The directory.</param>
    /// <param name="note">The checkpoint that the agency holds.</param>
    /// <param name="entries">The entries up to it, or the last of them.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>False when the checkpoint is not this hub's, or the entries do not lead there.</returns>
    public static Task<bool> Run(HubDb db, HubKeys keys, Agencies agencies, byte[] note, IReadOnlyList<byte[]> entries, CancellationToken ct)
    {
        if (!SignedCheckpoint.TryOpen(note, keys.DirectoryLog.Key, [keys.Cosigner.Key], out var shown)) return Task.FromResult(false);
        return db.Write(async write =>
        {
            var now = await agencies.Now(db, write);
            var missing = (int)Math.Max(0, shown.Checkpoint.Size - now.Head.Size);
            if (missing == 0) return true;
            if (entries.Count < missing) return false;

            // Replayed before anything is written: what does not fit leaves no trace.
            var (directory, tree) = (now.Entries, StoredTile.Tree(db, LogName.Directory, now.Head.Size));
            byte[][] fitting = [.. entries.Skip(entries.Count - missing)];
            foreach (var entry in fitting)
            {
                if (!directory.TryAppend(entry, out directory, out _)) return false;
            }

            if (tree.Append([.. fitting.Select(entry => MerkleTree.LeafHash(entry))]).Tree.Root != shown.Checkpoint.Root) return false;
            foreach (var entry in fitting)
            {
                await DirectoryLog.Append(db, keys, entry, write, silently: true);
                await EndAccess(db, entry, write);
                await db.SaveChangesAsync(write);
                db.ChangeTracker.Clear();
            }

            return true;
        }, ct);
    }

    // Who recovered had ended all certificates from before, and who was admitted waits no longer.
    private static async Task EndAccess(HubDb db, byte[] entry, CancellationToken ct)
    {
        if (!CoSigned.TryParse(entry, out var signed)) return;
        if (AgencyChange.TryRead(signed, out var change) && change.Event == AgencyChangeCode.Recover)
            await db.Set<ClientCertificate>().Where(c => c.Agency == change.Agency).ExecuteDeleteAsync(ct);
        if (AgencyEvent.TryReadEnrolment(signed, out var enrolled))
            await db.Set<Enrolment>().Where(e => e.Agency == enrolled.Agency).ExecuteDeleteAsync(ct);
    }
}
