using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary>A service that somebody can be referred to.</summary>
/// <param name="Agency">Whose it is.</param>
/// <param name="Service">Which.</param>
/// <param name="OpenNow">Whether the agency is open; null when this machine does not know its time zone.</param>
/// <param name="OpensAt">When it opens next, if it is closed.</param>
/// <param name="Capacity">Whether it can take somebody; null when it has not said.</param>
/// <param name="CapacityAt">When it said so.</param>
/// <param name="WaitDays">How long one waits; null when it has not said.</param>
/// <param name="Languages">What is spoken there.</param>
/// <param name="Assured">When somebody there last made sure of the profile.</param>
/// <param name="Telephone">The duty desk.</param>
internal sealed record Offer(
    AgencyId Agency, string Service, bool? OpenNow, DateTimeOffset? OpensAt, LiveCapacity? Capacity, DateTimeOffset? CapacityAt,
    int? WaitDays, IReadOnlyList<Language> Languages, DateOnly Assured, Telephone Telephone)
{
    /// <summary>Days after which what somebody made sure of is to be made sure of again.</summary>
    public const int AssuredDays = 180;

    /// <summary>Whether nobody there has made sure of the profile for so long that it should be asked for.</summary>
    public bool IsStale(DateTimeOffset now) => DateOnly.FromDateTime(now.UtcDateTime) > Assured.AddDays(AssuredDays);

    public string Line(DateTimeOffset now)
    {
        var open = OpenNow switch
        {
            true => "open now",
            false => $"opens {WireTime.Text(OpensAt!.Value)}",
            null => "hours not known here",
        };
        var capacity = Capacity is { } state ? $"{Code.Text(state)} (said {Age(now - CapacityAt!.Value)} ago)" : "capacity not said";
        return $"{Agency}  {Service}  {capacity}  {open}{(WaitDays is { } days ? $"  waits {days} d" : "")}  {Telephone}  made sure {Assured:yyyy-MM-dd}{(IsStale(now) ? ", STALE: call before you rely on it" : "")}";
    }

    private static string Age(TimeSpan age) =>
        age.TotalHours < 1 ? $"{Math.Max(0, (int)age.TotalMinutes)} min" : age.TotalDays < 2 ? $"{(int)age.TotalHours} h" : $"{(int)age.TotalDays} d";
}

/// <summary>Which services are for somebody, the likeliest first. Pure.</summary>
internal static class Offers
{
    /// <summary>Those that do not mismatch.</summary>
    /// <param name="offerings">What agencies offer.</param>
    /// <param name="wanted">What is looked for.</param>
    /// <param name="reachable">The agencies that we may send to.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<Offer> Find(IEnumerable<Offering> offerings, Wanted wanted, IReadOnlySet<AgencyId> reachable, DateTimeOffset now) =>
    [
        .. from offering in offerings
           where reachable.Contains(offering.Agency)
           from service in offering.Profile.Services
           where wanted.Against(service).Count == 0
           let offer = Of(offering, service, now)
           orderby Rank(offer.Capacity), offer.IsStale(now) ? 1 : 0, offer.OpenNow == true ? 0 : 1, offer.WaitDays ?? int.MaxValue, offer.Agency.ToString(), offer.Service
           select offer,
    ];

    private static Offer Of(Offering offering, OfferedService service, DateTimeOffset now)
    {
        WorkingCalendar.TryMake(offering.Profile.Hours, out var calendar);
        var open = calendar?.IsOpen(now);
        var said = offering.Capacity?.Services.FirstOrDefault(s => s.Key == service.Key);
        return new(
            offering.Agency,
            service.Key.ToString(),
            open,
            open == false ? calendar!.Add(now, new ClockPeriod(1, ClockRun.Days)) : null,
            said?.Capacity,
            said is null ? null : offering.Capacity!.IssuedAt,
            service.WaitDays,
            service.Languages,
            service.Assured,
            offering.Profile.Telephone);
    }

    // What nobody has said is better than what is said to be full.
    private static int Rank(LiveCapacity? capacity) => capacity switch
    {
        LiveCapacity.Capacity => 0,
        LiveCapacity.AdditionalAssessment => 1,
        null => 2,
        LiveCapacity.Waitlist => 3,
        LiveCapacity.NoCapacity => 4,
    };
}
