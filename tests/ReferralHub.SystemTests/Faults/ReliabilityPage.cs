using System.Globalization;
using System.Text;

namespace ReferralHub.SystemTests.Faults;

/// <summary>docs/reliability.md, which is made of docs/reliability.json and never typed.</summary>
internal static class ReliabilityPage
{
    public static string Of(IReadOnlyList<CampaignOutcome> outcomes)
    {
        var page = new StringBuilder(
            """
            # Reliability

            Whole handoffs between real processes while these and what is between them are killed, frozen and cut. Then everything comes to rest, and what gateways had
            promised is compared with what came of it, from both gateways' own records and the hub's. Made of `reliability.json` by
            `tests/run --only kills --seed N --minutes M --engine E --write`; [testing.md](testing.md) says how it works.


            """);
        Row("", outcome => outcome.Engine);
        Row("---", _ => "---:");
        Row("minutes of load and faults", outcome => outcome.Minutes.ToString("0.#", CultureInfo.InvariantCulture));
        Row("referrals sent and ended", outcome => $"{outcome.Found.ByGateways + outcome.Found.Direct}");
        Row("… from gateway to gateway", outcome => $"{outcome.Found.ByGateways}");
        Row("… by agencies without gateways", outcome => $"{outcome.Found.Direct}");
        Row("statements that took effect", outcome => $"{outcome.Found.Statements}");
        Row("statements answered 2xx", outcome => $"{outcome.Found.Promised}");
        Row("lost", outcome => $"{outcome.Found.Lost}");
        Row("came to the hub again", outcome => $"{outcome.Again}");
        Row("doubled", outcome => $"{outcome.Found.Doubled}");
        Row("log entries verified, directory and audit", outcome => $"{outcome.Found.Directory} + {outcome.Found.Audit}");
        Row("evidence verified, of referrals", outcome => $"{outcome.Found.Proved}");
        Row("faults, with a request in flight", outcome => Faults(outcome.Faults));
        foreach (var kind in outcomes.SelectMany(outcome => outcome.Faults).Select(tally => tally.Kind).Distinct())
            Row($"… {kind}", outcome => Faults([.. outcome.Faults.Where(tally => tally.Kind == kind)]));

        page.AppendLine();
        foreach (var outcome in outcomes)
            page.AppendLine(CultureInfo.InvariantCulture, $"{outcome.Engine}: seed {outcome.Seed}, {outcome.Date}, commit {outcome.Commit}, {outcome.Machine}.");
        return page.ToString();

        void Row(string name, Func<CampaignOutcome, string> value) => page.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {string.Join(" | ", outcomes.Select(value))} |");
    }

    private static string Faults(IReadOnlyList<Tally> tallies) => tallies.Count == 0 ? "–" : $"{tallies.Sum(t => t.Count)}, {tallies.Sum(t => t.InFlight)}";
}
