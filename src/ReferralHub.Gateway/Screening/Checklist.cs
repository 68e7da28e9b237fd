using System.Text.Json;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Screening;

/// <summary>A question that helps to decide whether to refer.</summary>
/// <param name="Code">Its code, which an answer names.</param>
/// <param name="En">In English.</param>
/// <param name="Ar">In Arabic.</param>
/// <param name="Services">What a yes makes worth thinking of.</param>
/// <param name="Urgency">How soon, then.</param>
internal sealed record Question(string Code, string En, string Ar, IReadOnlyList<HelpService> Services, Urgency Urgency);

/// <summary>What follows from a yes.</summary>
/// <param name="Service">A service to think of.</param>
/// <param name="Urgency">The most urgent of the questions that name it.</param>
/// <param name="Acknowledge">How long the recipient would have to acknowledge.</param>
/// <param name="Decide">How long to decide.</param>
internal sealed record Following(HelpService Service, Urgency Urgency, ClockPeriod Acknowledge, ClockPeriod Decide);

/// <summary>
/// The checklist of one kind of agency: short, versioned, and an agency's own when <c>indicators.json</c> lies in its data
/// folder. It never scores a child: it shows which services and which clocks follow from each yes, and nothing is added up.
/// </summary>
/// <param name="Version">Goes up when a question is added or changed.</param>
/// <param name="Questions">At most 12.</param>
internal sealed record Checklist(int Version, IReadOnlyList<Question> Questions)
{
    /// <summary>The checklist of a kind, from the folder or else ours; null when there is none.</summary>
    public static Checklist? Find(DataFolder folder, AgencyKind kind) => All(folder).GetValueOrDefault(Code.Text(kind));

    /// <summary>All, by kind.</summary>
    public static IReadOnlyDictionary<string, Checklist> All(DataFolder folder)
    {
        var own = Path.Combine(folder.Root, "indicators.json");
        using var file = File.Exists(own) ? File.OpenRead(own) : Ours();
        var all = Read(file);
        return all?.All(c => Code.TryParse<AgencyKind>(c.Key, out _) && c.Value.IsWellFormed) == true
            ? all
            : throw new RefusedException(Refusal.Malformed, $"{own}: kinds of agencies with 1 to 12 questions each, no code twice, each in English and Arabic.");
    }

    /// <summary>What follows from these answers, the most urgent first. Pure.</summary>
    public IReadOnlyList<Following> Follow(IReadOnlyCollection<string> yes) =>
    [
        .. Questions.Where(q => yes.Contains(q.Code)).SelectMany(q => q.Services.Select(s => (Service: s, q.Urgency)))
            .GroupBy(f => f.Service, f => f.Urgency).Select(g => (Service: g.Key, Urgency: g.Min()))
            .OrderBy(f => f.Urgency).ThenBy(f => f.Service)
            .Select(f => new Following(f.Service, f.Urgency, ClockTable.Default[f.Urgency].Acknowledge, ClockTable.Default[f.Urgency].Decide)),
    ];

    private static Stream Ours() => typeof(Checklist).Assembly.GetManifestResourceStream("ReferralHub.Gateway.Screening.Indicators.json")
        ?? throw new InvalidOperationException("The checklists are not built in.");

    private static Dictionary<string, Checklist>? Read(Stream file)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, Checklist>>(file, LocalJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private bool IsWellFormed =>
        Version >= 1 && Questions.Count is >= 1 and <= 12 && Questions.Select(q => q.Code).Distinct().Count() == Questions.Count
        && Questions.All(q => q.Code.Length > 0 && q.En.Length > 0 && q.Ar.Length > 0 && q.Services.Count > 0);
}
