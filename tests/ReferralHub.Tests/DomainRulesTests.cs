using System.Text.RegularExpressions;

namespace ReferralHub.Tests;

/// <summary>docs/domain-rules.md has every line of the field's own description, in its order, each with tests that exist.</summary>
public sealed partial class DomainRulesTests
{
    // How many lines each section has; whoever adds a rule to the page counts it here.
    private static readonly Dictionary<int, int> Lines = new() { [3] = 33, [4] = 35, [5] = 16, [6] = 9, [7] = 7, [8] = 12 };

    private static readonly List<(int Section, string Line, string Rule, string[] Tests)> Rows = Read();

    [Fact]
    public void No_line_is_left_out_and_each_has_a_test()
    {
        Assert.Equal(
            Lines.SelectMany(section => Enumerable.Range(1, section.Value).Select(line => $"{section.Key}.{line}")),
            Rows.Where(row => row.Line.Length > 0).Select(row => row.Line));
        Assert.All(Rows, row => Assert.True(row.Rule.Length > 0 && row.Tests.Length > 0, row.Line + row.Rule));
        Assert.All(Rows.Where(row => row.Line.Length > 0), row => Assert.StartsWith($"{row.Section}.", row.Line, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_test_that_the_page_names_is_there()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(Vectors.Root(), "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(file => Method().Matches(File.ReadAllText(file)).Select(match => $"{Path.GetFileNameWithoutExtension(file)}.{match.Groups["name"].Value}")).ToHashSet();

        Assert.True(Rows.Count > 100, "the page must be found and read");
        Assert.Empty(Rows.SelectMany(row => row.Tests).Except(tests));
        Assert.All(Rows, row => Assert.Equal(row.Tests.Length, row.Tests.Distinct().Count()));
    }

    private static List<(int, string, string, string[])> Read()
    {
        var rows = new List<(int, string, string, string[])>();
        var section = 0;
        foreach (var line in File.ReadLines(Path.Combine(Vectors.Root(), "docs", "domain-rules.md")))
        {
            if (Heading().Match(line) is { Success: true } heading) section = int.Parse(heading.Groups["section"].Value, null);
            if (Row().Match(line) is { Success: true } row)
                rows.Add((section, row.Groups["line"].Value, row.Groups["rule"].Value, [.. Test().Matches(row.Groups["tests"].Value).Select(test => test.Groups["name"].Value)]));
        }

        return rows;
    }

    [GeneratedRegex(@"^## (?<section>[1-8])\. ", RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();

    // Neither the head of a table nor the line under it.
    [GeneratedRegex(@"^\| (?<line>([1-8]\.[0-9]+)?) ?\| (?<rule>[^|]*) \| (?<tests>`.*`) \|$", RegexOptions.ExplicitCapture)]
    private static partial Regex Row();

    [GeneratedRegex("`(?<name>[A-Za-z]+Tests\\.[^`]+)`", RegexOptions.ExplicitCapture)]
    private static partial Regex Test();

    [GeneratedRegex(@"public (async )?(Task|void) (?<name>\w+)\(", RegexOptions.ExplicitCapture)]
    private static partial Regex Method();
}
