using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using ReferralHub.Hub;

namespace ReferralHub.Tests.Hub;

public sealed class LimitsTests
{
    [Fact]
    public async Task The_table_for_operators_has_every_limit_with_its_value()
    {
        var page = await File.ReadAllLinesAsync(Path.Combine(Folder(), "../../../docs/operations.md"), TestContext.Current.CancellationToken);

        var told = page.SkipWhile(line => line != "## Limits").TakeWhile(line => !line.StartsWith("## What", StringComparison.Ordinal))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => $"{cells[1].Trim('`')} = {cells[2]}");

        Assert.Equal(typeof(Limits).GetFields(BindingFlags.Static | BindingFlags.Public).Select(field => $"{field.Name} = {Text(field.GetValue(null)!)}").Order(), told.Order());
    }

    [Fact]
    public void What_an_agency_is_told_about_unclaimed_parts_is_the_limit() =>
        Assert.Contains(
            $"{Limits.UnclaimedParts} parts or {Limits.UnclaimedBytes >> 30} GiB",
            Refusal.TooMuchUnclaimed.Describe().Text,
            StringComparison.Ordinal);

    [Fact]
    public void What_a_slow_sender_is_told_is_the_limit() =>
        Assert.Contains($"less than {Limits.BytesPerSecond} bytes a second", Refusal.TooSlow.Describe().Text, StringComparison.Ordinal);

    private static string Text(object value) => value is TimeSpan time
        ? time.TotalSeconds.ToString(CultureInfo.InvariantCulture)
        : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
