namespace ReferralHub.Tests.Mutants;

/// <summary>A rule, how the code is changed to break it, and the tests that must then fail. The format is in tests/mutants/README.md.</summary>
internal sealed record Mutant(string Rule, string File, IReadOnlyList<(string Stands, string Instead)> Edits, IReadOnlyList<string> Red)
{
    private const string Switch = "MUTANT";

    public static IReadOnlyList<Mutant> ReadAll(string root) =>
        [.. Directory.GetFiles(Path.Combine(root, "tests", "mutants"), "*.txt").Order(StringComparer.Ordinal)
            .SelectMany(file => System.IO.File.ReadAllText(file).Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
            .Select(Read)];

    public string PathIn(string root) => Path.Combine(root, "src", "ReferralHub." + File);

    /// <summary>The text with the rule broken while <paramref name="isOn"/>, an expression; null unless each place is there exactly once.</summary>
    public string? ApplyTo(string text, string isOn)
    {
        foreach (var (stands, instead) in Edits)
        {
            if (text.Split(stands).Length != 2) return null;
            text = text.Replace(stands, instead.Replace(Switch, isOn, StringComparison.Ordinal), StringComparison.Ordinal);
        }

        return text;
    }

    public override string ToString() => Rule;

    private static Mutant Read(string block)
    {
        var lines = block.Trim('\n').Split('\n');
        var edits = After(lines, "- ").Zip(After(lines, "+ ")).ToList();
        return lines.Length == 3 + 2 * edits.Count && edits.Count > 0 && After(lines, "+ ").Any(line => line.Contains(Switch, StringComparison.Ordinal))
            ? new(lines[0], After(lines, "in ").Single(), edits, After(lines, "red ").Single().Split(' '))
            : throw new FormatException($"Not a mutant:\n{block}");
    }

    private static IEnumerable<string> After(string[] lines, string mark) =>
        lines.Skip(1).Where(line => line.StartsWith(mark, StringComparison.Ordinal)).Select(line => line[mark.Length..]);
}
