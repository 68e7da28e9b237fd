using System.Globalization;

namespace ReferralHub.SystemTests.Faults;

/// <summary>A mode of this program: one campaign, as long as it is told; prints its outcome, and with <c>--write</c> puts it into the documents.</summary>
internal static class CampaignCommand
{
    public const string Mode = "--campaign";

    /// <summary>Makes docs/reliability.md of docs/reliability.json.</summary>
    public const string Page = "--reliability-page";

    private static readonly string Json = Checkout.Path("docs", "reliability.json");

    /// <param name="arguments">ENGINE SEED MINUTES [--write]</param>
    public static async Task<int> Run(string[] arguments)
    {
        var (engine, seed, minutes) = (arguments[0], int.Parse(arguments[1], CultureInfo.InvariantCulture), double.Parse(arguments[2], CultureInfo.InvariantCulture));
        try
        {
            var outcome = await new Campaign(engine, seed, TimeSpan.FromMinutes(minutes)).Run(Console.WriteLine, CancellationToken.None);
            Console.WriteLine(CampaignOutcome.Write([outcome]));
            if (arguments is [_, _, _, "--write"]) Write(outcome);
            return 0;
        }
        catch (CampaignFailedException e)
        {
            Console.WriteLine(e.Message);
            return 1;
        }
    }

    // The newest of each engine.
    private static void Write(CampaignOutcome outcome)
    {
        var others = File.Exists(Json) ? CampaignOutcome.Read(File.ReadAllText(Json)).Where(other => other.Engine != outcome.Engine) : [];
        List<CampaignOutcome> all = [.. others.Append(outcome).OrderByDescending(one => one.Engine, StringComparer.Ordinal)];
        File.WriteAllText(Json, CampaignOutcome.Write(all));
        WritePage();
    }

    /// <inheritdoc cref="Page"/>
    public static int WritePage()
    {
        File.WriteAllText(Checkout.Path("docs", "reliability.md"), ReliabilityPage.Of(CampaignOutcome.Read(File.ReadAllText(Json))));
        return 0;
    }
}
