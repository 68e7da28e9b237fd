using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Profiles;

/// <summary>
/// <c>POST /v1/profiles</c> and <c>/v1/capacities</c>: an agency says what it offers, and whether it can take somebody now.
/// Of each the newest counts. Spec: docs/protocol.md §3.9.
/// </summary>
internal static class PublishProfile
{
    public static void Map(IEndpointRouteBuilder active)
    {
        active.MapGroup("/profiles").WithTags("Directory").MapStatement("", Profile, "profile", "Say what the agency offers and when it is open");
        active.MapGroup("/capacities").WithTags("Directory").MapStatement("", Capacity, "capacity", "Say whether the agency can take somebody now");
    }

    internal static Task<Results<ContentHttpResult, ProblemHttpResult>> Profile(
        Submission submission, Caller caller, Intake intake, HubDb db, CancellationToken ct) => Take<Profile>(submission, caller, intake, db, ct);

    internal static Task<Results<ContentHttpResult, ProblemHttpResult>> Capacity(
        Submission submission, Caller caller, Intake intake, HubDb db, CancellationToken ct) => Take<Capacity>(submission, caller, intake, db, ct);

    private static Task<Results<ContentHttpResult, ProblemHttpResult>> Take<T>(
        Submission submission, Caller caller, Intake intake, HubDb db, CancellationToken ct)
        where T : Statement =>
        intake.Take<T>(submission, caller, null, (submitted, token) => Rule(db, submitted, token), ct);

    /// <summary>Rules on a profile or a capacity, and keeps it if it is the newest.</summary>
    internal static async Task<Ruling> Rule<T>(HubDb db, Submitted<T> submitted, CancellationToken ct)
        where T : Statement
    {
        var said = submitted.Statement;
        if (said is Profile profile && !WorkingCalendar.TryMake(profile.Hours, out _)) return new Refused(Refusal.ZoneUnknown);
        var (entries, size) = (submitted.Directory.Entries, submitted.Directory.Head.Size);
        if (said is Profile { Services: var services } && !services.SelectMany(s => s.Areas).All(area => entries.KnowsArea(area, size))) return new Refused(Refusal.AreaUnknown);
        var held = await db.Set<PublishedRecord>().SingleOrDefaultAsync(p => p.Agency == said.Issuer && p.Kind == said.Kind, ct);
        if (held is null)
        {
            db.Add(new PublishedRecord { Agency = said.Issuer, Kind = said.Kind, Statement = submitted.Id, IssuedAt = said.IssuedAt });
        }
        else if (said.IssuedAt <= held.IssuedAt)
        {
            return new Refused(Refusal.NewerHeld);
        }
        else
        {
            (held.Statement, held.IssuedAt) = (submitted.Id, said.IssuedAt);
        }

        // Whoever wants to know asks: a feed item to every member at every change of capacity would be noise.
        return new Effective(said.Issuer) { Tell = false };
    }
}
