using Microsoft.EntityFrameworkCore;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Audit;

/// <summary>
/// Heads of logs that a restored hub does not continue. What is signed before its gateway has heard of the new log names one; which
/// roots they had nobody can tell any more. Spec: docs/protocol.md §4.7.
/// </summary>
internal static class FormerHead
{
    /// <summary>Whether <paramref name="head"/> may be one.</summary>
    public static async Task<bool> CanBe(HubDb db, TreeHead head, CancellationToken ct)
    {
        var seams = await db.Set<AuditRecord>().AsNoTracking().Where(r => r.Id < AuditRecord.FirstId).Select(r => r.Event).ToListAsync(ct);
        return seams.Any(seam => head.Size <= AuditRecord.Read(seam).Former!.Size);
    }
}
