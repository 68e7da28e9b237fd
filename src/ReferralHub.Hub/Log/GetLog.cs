using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Log;

namespace ReferralHub.Hub.Log;

/// <summary>
/// <c>GET …/checkpoint</c> and <c>GET …/tile/…</c>: a log as C2SP tlog-tiles has it. Of the audit log there are hashes only.
/// Spec: docs/protocol.md §4.1, §6.
/// </summary>
internal static class GetLog
{
    // A tile never changes once it is published; members may keep it, shared caches not.
    private const string Immutable = "private, max-age=31536000, immutable";

    public static void Map(IEndpointRouteBuilder joined, LogName log)
    {
        var name = log.ToString().ToLowerInvariant();
        var group = joined.MapGroup(name).WithTags("Logs");
        group.MapGet("/checkpoint", (HubDb db, CancellationToken ct) => Checkpoint(log, db, ct))
            .WithName($"{name}-checkpoint").WithSummary($"The {name} log's newest signed checkpoint")
            .Produces<string>(200, "text/plain");
        group.MapGet("/tile/{**place}", (string place, HttpContext http, HubDb db, CancellationToken ct) => Hashes(log, place, http, db, ct))
            .WithName($"{name}-tile").WithSummary($"A tile of hashes of the {name} log")
            .Produces<byte[]>(200, "application/octet-stream");
    }

    /// <summary>Marks an answer as one that stays as it is.</summary>
    public static void Keep(HttpContext http) => http.Response.Headers.CacheControl = Immutable;

    internal static async Task<IResult> Checkpoint(LogName log, HubDb db, CancellationToken ct)
    {
        var head = await db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == log, ct);
        return TypedResults.Bytes(head.Note, "text/plain; charset=utf-8");
    }

    internal static async Task<Results<FileContentHttpResult, ProblemHttpResult>> Hashes(
        LogName log, string place, HttpContext http, HubDb db, CancellationToken ct)
    {
        if (!Tile.TryParsePath("tile/" + place, out var tile)) return Refusal.NotFound.ToProblem();
        var size = await db.Set<LogHead>().Where(h => h.Log == log).Select(h => h.Size).SingleAsync(ct);
        if (await StoredTile.Find(db, log, tile, size, ct) is not { } hashes) return Refusal.NotFound.ToProblem();
        Keep(http);
        return TypedResults.Bytes(hashes.ToArray());
    }
}
