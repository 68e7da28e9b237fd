using System.Globalization;
using ReferralHub.Benchmarks;
using ReferralHub.Benchmarks.Handoffs;
using ReferralHub.Benchmarks.Outbox;
using ReferralHub.Benchmarks.Sealing;
using ReferralHub.Benchmarks.Starting;
using ReferralHub.SystemTests.Load;

// ReferralHub.Benchmarks [--id P1]… [--write]   measures; --write also puts the rows into docs/performance.json and .md
// ReferralHub.Benchmarks page                   makes docs/performance.md of docs/performance.json
const string Json = "docs/performance.json";
const string Markdown = "docs/performance.md";

var scenarios = new Dictionary<string, Func<IEnumerable<Figure>>>
{
    ["P1"] = SealingScenario.Run,
    ["P2"] = HandoffScenario.Run,
    ["P3"] = OutboxScenario.Run,
    ["P7"] = StartScenario.Run,
};

switch (args)
{
    case [SealAndOpen.Mode, var size]:
        return await SealAndOpen.Run(long.Parse(size, CultureInfo.InvariantCulture));
    case [TrivialApp.Mode, var port, var database]:
        return await TrivialApp.Run(port, database);
    case ["page"]:
        File.WriteAllText(Markdown, Page.Of(Row.Read(File.ReadAllText(Json))));
        return 0;
}

var (ids, write) = (new List<string>(), false);
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--write": write = true; break;
        case "--id" when i + 1 < args.Length && scenarios.ContainsKey(args[i + 1]): ids.Add(args[++i]); break;
        default:
            Console.Error.WriteLine($"usage: [--id ID]… [--write] | page\nids: {string.Join(' ', scenarios.Keys)}");
            return 2;
    }
}

if (ids.Count == 0) ids.AddRange(scenarios.Keys);
var setting = Setting.Now();
var rows = new List<Row>();
foreach (var id in ids)
{
    foreach (var f in scenarios[id]())
    {
        rows.Add(new(id, f.Work, f.Ours, f.Beside, f.Unit, f.Ratio, f.Goal, setting.Machine, setting.Date, setting.Commit));
        Console.WriteLine(Page.Line(rows[^1]));
    }
}

Console.WriteLine(Row.Write(rows));
if (write)
{
    var kept = File.Exists(Json) ? Row.Read(File.ReadAllText(Json)).Where(row => !ids.Contains(row.Id)) : [];
    List<Row> all = [.. kept.Concat(rows).OrderBy(row => row.Id, StringComparer.Ordinal)];
    File.WriteAllText(Json, Row.Write(all));
    File.WriteAllText(Markdown, Page.Of(all));
}

return 0;
