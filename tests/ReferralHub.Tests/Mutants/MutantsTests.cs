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

    [GeneratedRegex(@"^\*\*(?<n>[234]\.[0-9]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Paragraph();
}
