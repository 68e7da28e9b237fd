using System.Text.RegularExpressions;
using ReferralHub.Gateway.Directory;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Tests;

/// <summary>docs/bad-input.md names answers that are given and tests that exist.</summary>
public sealed partial class BadInputTests
{
    private static readonly string Root = Vectors.Root();

    private static readonly IReadOnlyList<string[]> Rows =
    [
        .. File.ReadLines(Path.Combine(Root, "docs", "bad-input.md")).Where(line => line.EndsWith("` |", StringComparison.Ordinal)).Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..4]),
    ];

    [Fact]
    public void Every_answer_that_the_page_names_is_given()
    {
        var names = Names<ReferralHub.Hub.Refusal>().Concat(Names<ReferralHub.Gateway.Refusal>()).Concat(Names<RefusalReason>()).Concat(Names<AlarmCode>())
            .Concat(Names<EnvelopeFault>()).Concat(Names<DeliveryFault>())
            .Concat(Sources("src").SelectMany(source => CommandError().Matches(source)).Select(match => match.Groups["name"].Value)).ToHashSet();

        Assert.True(Rows.Count > 60, "the page must be found and read");
        Assert.Empty(Rows.SelectMany(row => InBackticks(row[1])).Except(names));
    }

    [Fact]
    public void Every_test_that_the_page_names_is_there()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(file => Declaration().Matches(File.ReadAllText(file)).Select(match => $"{Path.GetFileNameWithoutExtension(file)}.{match.Groups["name"].Value}")).ToHashSet();

        Assert.Empty(Rows.SelectMany(row => InBackticks(row[2])).Except(tests));
    }

    private static IEnumerable<string> InBackticks(string cell) => cell.Split('`').Where((_, index) => index % 2 == 1);

    private static IEnumerable<string> Names<T>()
        where T : struct, Enum => Enum.GetValues<T>().Select(Code.Text);

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText);

    [GeneratedRegex("CommandException\\(\\s*\"(?<name>[a-z-]+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex CommandError();

    [GeneratedRegex(@"public (async )?(Task|void) (?<name>\w+)\(", RegexOptions.ExplicitCapture)]
    private static partial Regex Declaration();
}
