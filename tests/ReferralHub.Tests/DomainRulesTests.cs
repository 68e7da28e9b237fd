namespace ReferralHub.Tests;

/// <summary>docs/domain-rules.md names tests that exist.</summary>
public sealed class DomainRulesTests
{
    [Fact]
    public void Every_test_that_the_page_names_is_there()
    {
        var named = File.ReadLines(Path.Combine(Vectors.Root(), "docs", "domain-rules.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && line.Contains('`', StringComparison.Ordinal))
            .Select(line => line.Split('`')[^2])
            .ToList();
        var tests = (
            from type in typeof(DomainRulesTests).Assembly.GetTypes()
            from method in type.GetMethods()
            where method.IsDefined(typeof(FactAttribute), inherit: true)
            select $"{type.Name}.{method.Name}").ToHashSet();

        Assert.True(named.Count > 15, "the page must be found and read");
        Assert.Empty(named.Except(tests));
        Assert.Equal(named.Count, named.Distinct().Count());
    }
}
