using System.Globalization;
using System.Text;

namespace ReferralHub.Benchmarks;

/// <summary>docs/performance.md, which is made of docs/performance.json and never typed.</summary>
internal static class Page
{
    public const string Command = "dotnet run --project tests/ReferralHub.Benchmarks -c Release -- --write";

    public static string Of(IReadOnlyList<Row> rows)
    {
        var page = new StringBuilder($"""
            # Performance

            Ours beside a limit or a peer, both from one run on one machine. Repetitions alternate, and a ratio is the median of the ratios of the
            repetitions: other work on the machine slows both. A ratio above 1 is in our favour. Made of `performance.json` by
            `{Command}`.

            | id | work | ours | beside | unit | ratio | goal |
            |---|---|---:|---:|---|---:|---|

            """);
        foreach (var row in rows) page.AppendLine(Line(row));

        page.AppendLine();
        foreach (var run in rows.GroupBy(row => (row.Machine, row.Date, row.Commit)))
            page.AppendLine(CultureInfo.InvariantCulture, $"{string.Join(", ", run.Select(row => row.Id).Distinct())}: {run.Key.Date}, commit {run.Key.Commit}, {run.Key.Machine}.");
        return page.ToString();
    }

    /// <summary>A row of the table.</summary>
    public static string Line(Row row) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {row.Id} | {row.Work} | {Number(row.Ours)} | {Number(row.Beside)} | {row.Unit} | {row.Ratio?.ToString("0.00", CultureInfo.InvariantCulture) ?? "–"} | {row.Goal} |");

    private static string Number(double? value) => value switch
    {
        null => "–",
        >= 100 => value.Value.ToString("0", CultureInfo.InvariantCulture),
        >= 1 => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.000", CultureInfo.InvariantCulture),
    };
}
