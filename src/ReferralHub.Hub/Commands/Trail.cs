using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Commands;

/// <summary>What an auditor asks the trail for; what is absent does not narrow it.</summary>
/// <param name="Referral">Events about it.</param>
/// <param name="Agency">Events that it caused, or that are about what it is a party to.</param>
/// <param name="By">Events of statements that this person made.</param>
/// <param name="From">Events since then.</param>
/// <param name="Until">Events before then.</param>
/// <param name="Refused">Only attempts that were refused.</param>
internal sealed record TrailQuery(
    Guid? Referral = null, AgencyId? Agency = null, Handle? By = null, DateTimeOffset? From = null, DateTimeOffset? Until = null, bool Refused = false)
{
    /// <summary>As the event about the reading keeps it.</summary>
    public string Text => string.Join(' ', new[]
    {
        Referral is { } referral ? $"ref={WireId.Text(referral)}" : null,
        Agency is { } agency ? $"agency={agency}" : null,
        By is { } by ? $"by={by}" : null,
        From is { } from ? $"from={WireTime.Text(from)}" : null,
        Until is { } until ? $"until={WireTime.Text(until)}" : null,
        Refused ? "refused=yes" : null,
    }.Where(part => part is not null).DefaultIfEmpty("all"));
}

/// <summary>One event as an auditor sees it.</summary>
/// <param name="Index">Its place in the log; null while it waits for one.</param>
/// <param name="Event">What it says.</param>
/// <param name="By">Who signed the statement it is about, or who read.</param>
internal sealed record TrailRow(long? Index, AuditEvent Event, Handle? By);

/// <summary>Reads the audit events. Each reading is an event itself, committed before anything is shown.</summary>
internal sealed class Trail(HubDb db, Agencies agencies)
{
    /// <summary>The newest events that match, oldest first; and whether there are more.</summary>
    public async Task<(IReadOnlyList<TrailRow> Rows, bool More)> Read(TrailQuery query, Handle auditor, int limit, CancellationToken ct)
    {
        await Leave(auditor, query.Text, ct);
        var rows = new List<TrailRow>();
        var records = db.Set<AuditRecord>().AsNoTracking()
            .Where(record => query.Referral == null || record.Referral == query.Referral)
            .Where(record => query.Agency == null || record.Agency == query.Agency || record.Counterpart == query.Agency)
            .Where(record => !query.Refused || record.Code == AuditEventCode.Refused)
            .OrderByDescending(record => record.Id)
            .GroupJoin(db.Set<StoredStatement>(), record => record.Statement, statement => statement.Id, (record, statements) => new { record, statements })
            .SelectMany(both => both.statements.DefaultIfEmpty(), (both, statement) => new { both.record, Token = statement == null ? null : statement.Token });
        await foreach (var found in records.AsAsyncEnumerable().WithCancellation(ct))
        {
            var row = new TrailRow(found.record.Index, found.record.Read(), null);
            row = row with { By = row.Event.By ?? (found.Token is null ? null : StoredStatement.Read(found.Token).Statement.Person) };
            if (row.Event.At < query.From) break; // times never go back in this order
            if (row.Event.At >= query.Until || (query.By is { } by && row.By != by)) continue;
            if (rows.Count == limit) return (Oldest(rows), true);
            rows.Add(row);
        }

        return (Oldest(rows), false);
    }

    /// <summary>Leaves the event that somebody read.</summary>
    public Task Leave(Handle auditor, string query, CancellationToken ct) => db.Write(
        async write => db.Record(new AuditEvent
        {
            Event = AuditEventCode.TrailRead,
            At = await db.EventTime(write),
            Directory = (await agencies.Now(db, write)).Head,
            By = auditor,
            Query = query,
        }),
        ct);

    private static List<TrailRow> Oldest(List<TrailRow> newestFirst)
    {
        newestFirst.Reverse();
        return newestFirst;
    }
}
