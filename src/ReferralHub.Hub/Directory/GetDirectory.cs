using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Log;
using ReferralHub.Hub.Log;

namespace ReferralHub.Hub.Directory;

/// <summary>
/// <c>GET /genesis</c> for anybody and <c>GET /directory/tile/entries/…</c> for members: what a gateway replays.
/// Spec: docs/protocol.md §4.3, §6.
/// </summary>
internal static class GetDirectory
{
    public static void Map(IEndpointRouteBuilder v1, IEndpointRouteBuilder joined)
    {
        v1.MapGet("/genesis", Genesis).WithName("genesis").WithTags("Directory")
            .WithSummary("Entry 0 of the directory: compare its SHA-256 with the fingerprint F that you were told")
            .Produces<string>(200, "text/plain");
        GetLog.Map(joined, LogName.Directory);
        joined.MapGet("/directory/tile/entries/{**place}", Entries).WithName("directory-entries").WithTags("Logs")
            .WithSummary("A bundle of directory entries")
            .Produces<byte[]>(200, "application/octet-stream");
    }

    internal static async Task<IResult> Genesis(HubDb db, CancellationToken ct)
    {
        var entry = await db.Set<DirectoryEntry>().AsNoTracking().SingleAsync(e => e.Index == 0, ct);
        return TypedResults.Bytes(entry.Bytes, "text/plain; charset=utf-8");
    }

    internal static async Task<Results<FileContentHttpResult, ProblemHttpResult>> Entries(
        string place, HttpContext http, HubDb db, CancellationToken ct)
    {
        if (!Tile.TryParseEntriesPath("tile/entries/" + place, out var tile)) return Refusal.NotFound.ToProblem();

        var first = tile.Index * Tile.FullWidth;
        var entries = await db.Set<DirectoryEntry>().AsNoTracking()
            .Where(e => e.Index >= first && e.Index < first + tile.Width)
            .OrderBy(e => e.Index).Select(e => e.Bytes).ToListAsync(ct);
        if (entries.Count < tile.Width) return Refusal.NotFound.ToProblem();
        GetLog.Keep(http);
        return TypedResults.Bytes(EntryBundle.Encode([.. entries.Select(e => new ReadOnlyMemory<byte>(e))]));
    }
}
