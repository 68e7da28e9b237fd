using System.Text.Encodings.Web;
using System.Text.Json;

namespace ReferralHub.SystemTests.Faults;

/// <summary>How often a kind of fault took effect, and how often somebody was waiting for an answer then.</summary>
internal sealed record Tally(string Kind, int Count, int InFlight);

/// <summary>What a campaign came to: one entry of docs/reliability.json.</summary>
/// <param name="Engine"><c>embedded</c> or <c>distributed</c>.</param>
/// <param name="Seed">What the faults were drawn from.</param>
/// <param name="Minutes">How long faults and load went on.</param>
/// <param name="Faults">By kind.</param>
/// <param name="Again">Statements and messages that came to the hub a second time; none may have a second effect.</param>
/// <param name="Answers">What gateways answered instead of a promise, and how often.</param>
/// <param name="Found">What the checker found.</param>
/// <param name="Machine">Where.</param>
/// <param name="Date">When.</param>
/// <param name="Commit">Of what.</param>
internal sealed record CampaignOutcome(
    string Engine, int Seed, double Minutes, IReadOnlyList<Tally> Faults, int Again, IReadOnlyDictionary<string, int> Answers, Findings Found, string Machine, string Date, string Commit)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static List<CampaignOutcome> Read(string json) => JsonSerializer.Deserialize<List<CampaignOutcome>>(json, Json)!;

    public static string Write(IEnumerable<CampaignOutcome> outcomes) => JsonSerializer.Serialize(outcomes, Json) + "\n";
}

/// <summary>What a check found.</summary>
/// <param name="ByGateways">Referrals that went from gateway to gateway.</param>
/// <param name="Direct">Referrals of agencies without gateways.</param>
/// <param name="Promised">Statements that were answered 2xx: by a gateway to its people, by the hub to an agency without one.</param>
/// <param name="Statements">Statements about referrals that took effect at the hub.</param>
/// <param name="Lost">What was accepted and is not there.</param>
/// <param name="Doubled">What took effect more than once.</param>
/// <param name="Directory">Entries of the directory log that verify.</param>
/// <param name="Audit">Events of the audit log that verify.</param>
/// <param name="Proved">Referrals whose evidence rh-verify accepted.</param>
/// <param name="Wrong">Everything that is not as it should be, in words.</param>
internal sealed record Findings(
    int ByGateways, int Direct, int Promised, int Statements, int Lost, int Doubled, long Directory, long Audit, int Proved, IReadOnlyList<string> Wrong);
