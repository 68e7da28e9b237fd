using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub.Statements;

namespace ReferralHub.Hub.Notifications;

/// <summary>
/// <c>GET /v1/statements?after=N</c>: what an agency has said itself and what it was told, in one order, for a gateway that lost
/// it and rebuilds its records. Spec: docs/protocol.md §6.
/// </summary>
internal static class ReadHistory
{
    public static void Map(IEndpointRouteBuilder active) => active.MapGet("/statements", Handle).WithName("history").WithTags("Notifications")
        .WithSummary("What the agency that asks has stated and was told, in the order in which it took effect");

    internal static async Task<Results<Ok<FeedPage>, ProblemHttpResult>> Handle(Caller caller, HubDb db, CancellationToken ct, long after = 0)
    {
        if (after < 0) return Refusal.Malformed.ToProblem();
        var agency = caller.Agency;
        var rows = await (
            from statement in db.Set<StoredStatement>()
            join told in db.Set<FeedItem>().Where(i => i.Agency == agency) on statement.Id equals told.Statement into tellings
            from told in tellings.DefaultIfEmpty()
            where statement.EventId > after && (statement.Event.Agency == agency || told != null)
            orderby statement.EventId
            join consent in db.Set<StoredStatement>() on told.With equals consent.Id into with
            from consent in with.DefaultIfEmpty()
            join approval in db.Set<StoredStatement>() on told.Approval equals approval.Id into approved
            from approval in approved.DefaultIfEmpty()
            select new { statement.EventId, statement.Token, Consent = consent.Token, Approval = approval.Token, statement.Event.Event, statement.Event.Opening })
            .AsNoTracking().Take(Limits.FeedItems).ToListAsync(ct);
        return TypedResults.Ok(new FeedPage(
        [
            .. rows.Select(row => new FeedEntry(
                row.EventId,
                [.. new[] { row.Token, row.Consent, row.Approval }.OfType<string>()],
                CanonicalBase64.Url.Encode(row.Event),
                Convert.ToHexStringLower(row.Opening))),
        ]));
    }
}
