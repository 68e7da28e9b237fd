using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Profiles;

/// <summary>What active agencies say of themselves.</summary>
/// <param name="Agencies">By id; none after the last one.</param>
internal sealed record PublishedPage(IReadOnlyList<Published> Agencies);

/// <summary>What one agency says of itself.</summary>
/// <param name="Agency">Its id.</param>
/// <param name="Statements">Its profile's token and its capacity's, as far as there are any.</param>
internal sealed record Published(string Agency, IReadOnlyList<string> Statements);

/// <summary><c>GET /v1/profiles?after=AGENCY</c>: what the active agencies offer, page by page. Spec: docs/protocol.md §3.9.</summary>
internal static class ReadProfiles
{
    public static void Map(IEndpointRouteBuilder active) => active.MapGet("/profiles", Handle)
        .WithName("profiles").WithTags("Directory").WithSummary("What agencies offer and whether they can take somebody, after an agency's id");

    internal static async Task<Results<Ok<PublishedPage>, ProblemHttpResult>> Handle(
        HubDb db, Agencies agencies, CancellationToken ct, string? after = null)
    {
        if (after is not null && !AgencyId.TryParse(after, out _)) return Refusal.Malformed.ToProblem();

        var directory = await agencies.Now(db, ct);
        AgencyId[] page =
        [
            .. directory.Entries.Agencies.Select(a => a.Id)
                .Where(id => directory.Entries.IsActive(id, directory.Head.Size) && string.CompareOrdinal(id.ToString(), after) > 0)
                .OrderBy(id => id.ToString(), StringComparer.Ordinal).Take(Limits.PublishedAgencies),
        ];
        var tokens = await (
            from published in db.Set<PublishedRecord>()
            where page.Contains(published.Agency)
            join statement in db.Set<StoredStatement>() on published.Statement equals statement.Id
            select new { published.Agency, statement.Token }).ToListAsync(ct);
        var by = tokens.ToLookup(t => t.Agency, t => t.Token);
        return TypedResults.Ok(new PublishedPage([.. page.Select(id => new Published(id.ToString(), [.. by[id]]))]));
    }
}
