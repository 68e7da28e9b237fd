using System.Text.RegularExpressions;

namespace ReferralHub.Tests;

/// <summary>What the README and the documents point at is there.</summary>
public sealed partial class DocumentsTests
{
    private static readonly string Root = Vectors.Root();

    public static TheoryData<string> Documents =>
    [
        .. Directory.EnumerateFiles(Root, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateDirectories(Path.Combine(Root, "src")).Select(folder => Path.Combine(folder, "README.md")).Where(File.Exists))
            .Select(file => Path.GetRelativePath(Root, file)),
    ];

    [Theory, MemberData(nameof(Documents))]
    public void Every_test_that_a_document_names_exists(string document)
    {
        var tests = Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(file => Declaration().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value)).ToHashSet();
        Assert.Contains(nameof(Every_test_that_a_document_names_exists), tests);

        var missing = Named(TestName(), document).Where(name => !tests.Contains(name));

        Assert.Empty(missing);
    }

    [Theory, MemberData(nameof(Documents))]
    public void Every_file_that_a_document_names_or_links_to_exists(string document)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Root, document))!;
        var linked = Named(Link(), document).Select(target => Path.Combine(folder, target));
        var named = Named(FileName(), document).Select(path => Path.Combine(Root, path));

        var missing = linked.Concat(named).Where(path => !Path.Exists(path)).Select(path => Path.GetRelativePath(Root, path));

        Assert.Empty(missing);
    }

    [Fact]
    public void All_that_is_kept_has_its_time_and_its_legal_ground()
    {
        var page = File.ReadLines(Path.Combine(Root, "docs", "operations.md"));
        var rows = page.SkipWhile(line => !line.StartsWith("| what | kept | ground |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries)).ToList();

        Assert.True(rows.Count > 8, "the table must be found and read");
        Assert.All(rows, cells => Assert.True(cells.Length == 4 && cells.All(cell => cell.Length > 0), string.Join(" | ", cells)));
        foreach (var what in (string[])["sealed parts", "statements", "audit events", "feed items", "log files"])
            Assert.Contains(rows, cells => cells[0].Contains(what, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Named(Regex what, string document) =>
        what.Matches(File.ReadAllText(Path.Combine(Root, document))).Select(match => match.Groups["name"].Value);

    [GeneratedRegex(@"public (async Task|void) (?<name>\w+)\(", RegexOptions.ExplicitCapture)]
    private static partial Regex Declaration();

    // A sentence: words joined by underscores, begun with a capital.
    [GeneratedRegex("`(?<name>[A-Z][a-z0-9]*_[^`\\s]+)`", RegexOptions.ExplicitCapture)]
    private static partial Regex TestName();

    [GeneratedRegex(@"\[[^\]\n]*\]\((?<name>[^)#:\s\[]+)(#[^)]*)?\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();

    // In the checkout, and not made by a build.
    [GeneratedRegex("`(?<name>(src|tests|docs|deploy)/(?![^`]*node_modules)[^`\\s*…]+)`", RegexOptions.ExplicitCapture)]
    private static partial Regex FileName();
}
