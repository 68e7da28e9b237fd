using ReferralHub.Benchmarks;

namespace ReferralHub.Tests.Benchmarks;

/// <summary>docs/performance.md says what was measured, not what somebody typed.</summary>
public sealed class PageTests
{
    [Fact]
    public void The_performance_page_is_made_of_the_measured_rows()
    {
        var docs = Path.Combine(Vectors.Root(), "docs");
        var rows = Row.Read(File.ReadAllText(Path.Combine(docs, "performance.json")));
        Assert.NotEmpty(rows);
        Assert.Equal(Page.Of(rows), File.ReadAllText(Path.Combine(docs, "performance.md")));
    }
}
