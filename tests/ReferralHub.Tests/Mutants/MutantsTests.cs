using System.Text.RegularExpressions;

namespace ReferralHub.Tests.Mutants;

/// <summary>tests/mutants breaks rules that the code has, and names tests that there are. That these then fail is seen by <c>tests/run --only mutants</c>.</summary>
public sealed partial class MutantsTests
{
    private static readonly IReadOnlyList<Mutant> All = Mutant.ReadAll(Vectors.Root());

    [Fact]
    public void Each_fits_the_code_with_all_others()
    {
        foreach (var file in All.GroupBy(mutant => mutant.PathIn(Vectors.Root())))
        {
            var text = File.ReadAllText(file.Key);
            foreach (var mutant in file)
            {
                Assert.True(mutant.ApplyTo(text, "false") is not null, $"{mutant.File}: not there, or more than once, is what breaks '{mutant.Rule}'");
                text = mutant.ApplyTo(text, "false")!;
            }
        }
    }

    [Fact]
    public void Each_names_tests_that_are_there()
    {
        var tests = (
            from type in typeof(MutantsTests).Assembly.GetTypes()
            from method in type.GetMethods()
            where method.IsDefined(typeof(FactAttribute), inherit: true)
            select $"{type.Name}.{method.Name}").ToHashSet();

        Assert.Empty(All.SelectMany(mutant => mutant.Red).Except(tests));
    }

    [Fact]
    public void No_rule_is_there_twice() => Assert.Equal(All.Count, All.Select(mutant => mutant.Rule).Distinct().Count());

    [Fact]
    public void Every_paragraph_of_the_wire_format_has_one()
    {
        var paragraphs = Paragraph().Matches(File.ReadAllText(Path.Combine(Vectors.Root(), "docs", "protocol.md"))).Select(m => m.Groups["n"].Value);

        Assert.Empty(paragraphs.Except(All.Select(mutant => mutant.Rule.Split(' ')[0].TrimStart('§'))));
    }

    [Fact]
    public void Every_invariant_of_delivery_that_code_holds_has_one() =>
        Assert.Equal(["I1", "I2", "I3", "I4", "I6", "I7"], All.Select(mutant => mutant.Rule.Split(' ')[0]).Where(name => name[0] == 'I').Distinct().Order());

    /// <summary>Each breaks the rule of a line in docs/domain-rules.md, and one of the tests named there notices; every section but the first, which has one rule, has some.</summary>
    [Fact]
    public void Every_rule_of_the_field_that_is_broken_is_noticed_by_a_test_of_its_line()
    {
        var rows = new Dictionary<string, string>();
        var section = "";
        foreach (var line in File.ReadLines(Path.Combine(Vectors.Root(), "docs", "domain-rules.md")))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal)) section = line[3..4];
            if (!line.StartsWith("| ", StringComparison.Ordinal) || line.Trim('|').Split('|', StringSplitOptions.TrimEntries) is not [var number, _, var tests]) continue;
            var key = number.Length > 0 ? number : section;
            rows[key] = rows.GetValueOrDefault(key, "") + tests;
        }

        var broken = All.Where(mutant => mutant.Rule[0] == 'F').Select(mutant => (Row: mutant.Rule.Split(' ')[0][1..], mutant.Rule, mutant.Red)).ToList();
        Assert.All(broken, mutant => Assert.Contains(mutant.Red, test => rows.GetValueOrDefault(mutant.Row, "").Contains($"`{test}`", StringComparison.Ordinal)));
        Assert.True(broken.Count >= 90, $"{broken.Count}");
        Assert.Equal(["2", "3", "4", "5", "6", "7", "8"], broken.Select(mutant => mutant.Row[..1]).Distinct().Order());
    }

    [GeneratedRegex(@"^\*\*(?<n>[234]\.[0-9]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Paragraph();
}
