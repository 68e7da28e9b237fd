using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Referrals;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Commands;

/// <summary>
/// <c>referralhub trail</c>: who did what, for an auditor, whose own reading is an event. <c>trail unpaired</c>: disclosures
/// of which sender, hub and recipient have not recorded the same.
/// </summary>
internal static class TrailCommand
{
    private static readonly Option<string> Auditor = new("--as") { Description = "Handle of the auditor who reads", Required = true };
    private static readonly Option<string?> Referral = new("--ref") { Description = "About this referral" };
    private static readonly Option<string?> Agency = new("--agency") { Description = "Of or about this agency" };
    private static readonly Option<string?> By = new("--by") { Description = "By this person's handle" };
    private static readonly Option<string?> From = new("--from") { Description = "Since then: 2026-11-22T23:24:00Z" };
    private static readonly Option<string?> Until = new("--until") { Description = "Before then" };
    private static readonly Option<bool> Refused = new("--refused") { Description = "Only what was refused" };
    private static readonly Option<int> Limit = new("--limit") { Description = "The newest that many", DefaultValueFactory = _ => 1000 };

    public static Command Make() => new Command("trail", "Read the access trail")
    {
        Auditor, Referral, Agency, By, From, Until, Refused, Limit,
        new Command("unpaired", "Disclosures whose two ends do not match") { Auditor, Referral, Agency, From, Until }
            .Does((parse, ct) => Shell.Open(parse, (services, db) => Unpaired(services, db, Query(parse), Reader(parse), ct))),
    }.Does((parse, ct) => Shell.Open(parse, (services, _) => Read(services, Query(parse), Reader(parse), parse.GetValue(Limit), ct)));

    internal static async Task<Answer> Read(IServiceProvider services, TrailQuery query, Handle auditor, int limit, CancellationToken ct)
    {
        var (rows, more) = await services.GetRequiredService<Trail>().Read(query, auditor, limit, ct);
        return new(
            new { more, events = rows.Select(Json) },
            Lines(rows.Select(Line), more ? "there are earlier ones: narrow the question or raise --limit" : $"{rows.Count} events"));
    }

    internal static async Task<Answer> Unpaired(IServiceProvider services, HubDb db, TrailQuery query, Handle auditor, CancellationToken ct)
    {
        await services.GetRequiredService<Trail>().Leave(auditor, $"unpaired {query.Text}", ct);
        var found = await Unpaired(db, services.GetRequiredService<Evidence>(), query, ct);
        return new(found.Select(Json), Lines(found.Select(Line), $"{found.Count} disclosures do not pair"));
    }

    private static string Lines(IEnumerable<string> lines, string last) => string.Join('\n', lines.Append(last));

    private static async Task<List<(EvidenceStory Story, Disclosure Disclosure)>> Unpaired(HubDb db, Evidence evidence, TrailQuery query, CancellationToken ct)
    {
        var referrals = await db.Set<ReferralRecord>().AsNoTracking()
            .Where(referral => query.Referral == null || referral.Id == query.Referral)
            .Where(referral => query.Agency == null || referral.Sender == query.Agency || referral.Recipient == query.Agency)
            .ToListAsync(ct);
        var found = new List<(EvidenceStory, Disclosure)>();
        foreach (var referral in referrals)
        {
            if (!await evidence.IsLogged(referral, ct))
                throw new SettingsException("--ref", WireId.Text(referral.Id), "Events about it wait for their place in the log: start the server, then try again.");
            var story = await evidence.Story(referral, ct);
            if (story.Sent < query.From || story.Sent >= query.Until) continue;
            found.AddRange(story.Disclosures.Where(each => each.Match is DisclosureMatch.NotOpened or DisclosureMatch.OpenedUnreleased).Select(each => (story, each)));
        }

        return found;
    }

    private static TrailQuery Query(ParseResult parse) => new(
        parse.GetValue(Referral) is { } referral ? Arguments.Id("--ref", referral) : null,
        parse.GetValue(Agency) is { } agency ? Arguments.Agency("--agency", agency) : null,
        parse.GetValue(By) is { } by ? Arguments.Handle("--by", by) : null,
        Arguments.Time("--from", parse.GetValue(From)),
        Arguments.Time("--until", parse.GetValue(Until)),
        parse.GetValue(Refused));

    private static Handle Reader(ParseResult parse) => Arguments.Handle("--as", parse.GetRequiredValue(Auditor));

    private static object Json(TrailRow row) => new
    {
        index = row.Index,
        at = WireTime.Text(row.Event.At),
        @event = Code.Text(row.Event.Event),
        agency = row.Event.Agency?.ToString(),
        by = row.By?.ToString(),
        @ref = row.Event.Referral,
        kind = row.Event.Kind is { } kind ? Code.Text(kind) : null,
        act = row.Event.Act is { } act ? Code.Text(act) : null,
        part = row.Event.Part is { } part ? Code.Text(part) : null,
        state = row.Event.State is { } state ? Code.Text(state) : null,
        refusal = row.Event.Refusal,
        query = row.Event.Query,
        places = row.Event.Places,
        rule = row.Event.Rule,
    };

    private static string Line(TrailRow row) => string.Join(
        "  ",
        WireTime.Text(row.Event.At),
        row.Event.Agency?.ToString() ?? "hub",
        row.By?.ToString() ?? "-",
        string.Join(' ', new[]
        {
            Code.Text(row.Event.Event),
            row.Event.Act is { } act ? Code.Text(act) : row.Event.Kind is { } kind ? Code.Text(kind) : null,
            row.Event.Part is { } part ? Code.Text(part) : null,
            row.Event.Refusal,
            row.Event.Query,
            row.Event.Places is { } places ? $"{places.Count} events by {row.Event.Rule}" : null,
        }.Where(word => word is not null)),
        row.Event.Referral is { } referral ? WireId.Text(referral) : "-");

    private static object Json((EvidenceStory Story, Disclosure Disclosure) found) => new
    {
        @ref = found.Story.Referral,
        part = Code.Text(found.Disclosure.Part),
        from = found.Disclosure.From.ToString(),
        to = found.Disclosure.To.ToString(),
        offered = WireTime.Text(found.Disclosure.Offered),
        match = Code.Text(found.Disclosure.Match),
    };

    private static string Line((EvidenceStory Story, Disclosure Disclosure) found) =>
        $"{WireId.Text(found.Story.Referral)}  {Code.Text(found.Disclosure.Part)} from {found.Disclosure.From} to {found.Disclosure.To}: {Code.Text(found.Disclosure.Match)}";
}
