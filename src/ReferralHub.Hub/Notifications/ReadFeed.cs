using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Notifications;

/// <summary>What an agency has not read yet.</summary>
/// <param name="Items">In order, without a gap; none when there is nothing new.</param>
internal sealed record FeedPage(IReadOnlyList<FeedEntry> Items);

/// <summary>One thing an agency is told.</summary>
/// <param name="N">Its position, from 1.</param>
/// <param name="Statements">The token that took effect; then those that it relies on: its consent's, its approval's. None once the hub has erased it.</param>
/// <param name="Event">The audit event about it, base64url; absent once it is erased.</param>
/// <param name="Opening">The event's opening, 64 hex digits; absent with the event.</param>
internal sealed record FeedEntry(
    long N,
    IReadOnlyList<string> Statements,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Event = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Opening = null);

/// <summary>
/// <c>GET /v1/feed?after=N&amp;wait=S</c>: what is told to an agency after position N; waits up to S seconds for it.
/// Spec: docs/protocol.md §6.
/// </summary>
internal static class ReadFeed
{
    public static void Map(RouteGroupBuilder feed) => feed.MapGet("", Handle)
        .WithName("feed").WithSummary("What the other parties did, after a position");

    internal static async Task<Results<Ok<FeedPage>, ProblemHttpResult>> Handle(
        Caller caller, HubDb db, IHostApplicationLifetime host, CancellationToken ct, long after = 0, int wait = 0)
    {
        if (after < 0 || wait is < 0 or > Limits.FeedWaitSeconds) return Refusal.Malformed.ToProblem();

        // A reader that is ahead has read from a hub that this one does not continue: from before a restored backup, for one.
        var agency = caller.Agency;
        if (after > await db.Set<FeedHead>().Where(h => h.Agency == agency).Select(h => h.N).SingleOrDefaultAsync(ct))
            return Refusal.FeedAhead.ToProblem();

        using var ends = CancellationTokenSource.CreateLinkedTokenSource(ct, host.ApplicationStopping);
        var until = db.Clock.GetUtcNow().AddSeconds(wait);
        while (true)
        {
            // Taken before reading, so that what is committed in between ends the wait.
            var grown = db.Wakes.Feed.Next;
            var items = await Read(db, agency, after, ct);
            var left = until - db.Clock.GetUtcNow();
            if (items.Count > 0 || left <= TimeSpan.Zero || ends.IsCancellationRequested) return TypedResults.Ok(new FeedPage(items));

            var pause = TimeSpan.FromTicks(Math.Min(left.Ticks, TimeSpan.TicksPerMillisecond * Limits.FeedPollMilliseconds));
            await Task.WhenAny(grown, Task.Delay(pause, db.Clock, ends.Token));
            ct.ThrowIfCancellationRequested();
        }
    }

    private static async Task<IReadOnlyList<FeedEntry>> Read(HubDb db, AgencyId agency, long after, CancellationToken ct)
    {
        var rows = await (
            from item in db.Set<FeedItem>()
            where item.Agency == agency && item.Position > after
            orderby item.Position
            join stored in db.Set<StoredStatement>() on item.Statement equals stored.Id into told
            from statement in told.DefaultIfEmpty()
            join consent in db.Set<StoredStatement>() on item.With equals consent.Id into with
            from consent in with.DefaultIfEmpty()
            join approval in db.Set<StoredStatement>() on item.Approval equals approval.Id into approved
            from approval in approved.DefaultIfEmpty()
            select new { item.Position, Token = statement == null ? null : statement.Token, Consent = consent.Token, Approval = approval.Token, statement.Event.Event, statement.Event.Opening })
            .Take(Limits.FeedItems)
            .ToListAsync(ct);
        return
        [
            .. rows.Select(row => row.Token is null ? new FeedEntry(row.Position, []) : new FeedEntry(
                row.Position,
                [.. new[] { row.Token, row.Consent, row.Approval }.OfType<string>()],
                CanonicalBase64.Url.Encode(row.Event),
                Convert.ToHexStringLower(row.Opening))),
        ];
    }
}
