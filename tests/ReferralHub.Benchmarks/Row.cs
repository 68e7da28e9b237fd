using System.Text.Json;

namespace ReferralHub.Benchmarks;

/// <summary>One line of docs/performance.json and of the page made of it.</summary>
/// <param name="Id">The row of the plan, such as P1.</param>
/// <param name="Work">What was done, and beside what.</param>
/// <param name="Ours">Our figure.</param>
/// <param name="Beside">The limit's or peer's, from the same run; null where there is none.</param>
/// <param name="Unit">Of both.</param>
/// <param name="Ratio">Ours to theirs, more is better; null without one. The median over repetitions, so not the quotient of the two figures.</param>
/// <param name="Goal">What we set ourselves.</param>
/// <param name="Machine">Where.</param>
/// <param name="Date">When.</param>
/// <param name="Commit">Of what.</param>
internal sealed record Row(
    string Id, string Work, double Ours, double? Beside, string Unit, double? Ratio, string Goal, string Machine, string Date, string Commit)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static List<Row> Read(string json) => JsonSerializer.Deserialize<List<Row>>(json, Json)!;

    public static string Write(IEnumerable<Row> rows) => JsonSerializer.Serialize(rows, Json) + "\n";
}

/// <summary>A figure before it is known where, when and of what it was taken.</summary>
internal sealed record Figure(string Work, double Ours, double? Beside, string Unit, double? Ratio, string Goal);
