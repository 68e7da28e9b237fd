using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Referrals;

/// <summary>A referral whose coded facts a coordinator is to look at.</summary>
/// <param name="Said">What its sender said in clear; its case code is not the coordinator's to see.</param>
/// <param name="Due">Until when.</param>
internal sealed record ReviewRow(Referral Said, DateTimeOffset Due);

/// <summary>What waits for a coordinator's review: all without consent, and all that is released early. Spec: docs/protocol.md §3.5.</summary>
internal static class Reviews
{
    /// <summary>All, nearest to being missed first; those that were missed are still there.</summary>
    public static async Task<IReadOnlyList<ReviewRow>> Read(HubDb db, CancellationToken ct)
    {
        var rows = await (
            from owed in db.Set<OwedRecord>()
            where owed.Kind == ClockKind.Review
            join referral in db.Set<ReferralRecord>() on owed.Referral equals referral.Id
            join statement in db.Set<StoredStatement>() on referral.Statement equals statement.Id
            orderby owed.Due, owed.Referral
            select new { statement.Token, owed.Due }).ToListAsync(ct);
        return rows.ConvertAll(row => new ReviewRow(StoredStatement.Read<Referral>(row.Token), row.Due));
    }
}
