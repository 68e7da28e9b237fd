using System.CommandLine;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary>
/// <c>directory search</c>: services by what they are, age, area, language and gender, at agencies that an agreement lets us
/// send to, those left out that are excluded for a subject. Who is looked for stays here: the hub is asked for the whole directory. Spec: docs/protocol.md §3.9.
/// </summary>
internal static class SearchDirectory
{
    private static readonly Option<string?> Service = new("--service") { Description = "The exact service." };
    private static readonly Option<string?> Family = new("--family") { Description = "The family of service." };
    private static readonly Option<int?> Age = new("--age") { Description = "Age in years." };
    private static readonly Option<string?> Area = new("--area") { Description = "Where the child is, coarsely." };
    private static readonly Option<string?> Language = new("--language") { Description = "A language that must be spoken there." };
    private static readonly Option<string?> Gender = new("--gender") { Description = "Gender." };
    private static readonly Option<string?> Subject = new("--subject") { Description = "For whom, as the consent names the subject: leaves out agencies that are excluded; - reads it from standard input." };

    internal sealed record Request(HelpService? Service, ServiceFamily? Family, int? Age, AreaCode? Area, Language? Language, Gender? Gender, string? Subject = null)
    {
        /// <summary>Says nothing of the subject.</summary>
        public override string ToString() => nameof(Request);
    }

    /// <summary>What <c>directory search</c> prints.</summary>
    /// <param name="At">When it was asked.</param>
    /// <param name="Fresh">Whether the hub could be asked; else capacities may be older than they say.</param>
    /// <param name="Offers">What was found, the likeliest first.</param>
    internal sealed record Found(DateTimeOffset At, bool Fresh, IReadOnlyList<Offer> Offers) : Output
    {
        public override int ExitCode() => Fresh && Offers.Count > 0 ? Exit.Good : Exit.Advice;

        public override void Print(TextWriter to)
        {
            if (!Fresh) to.WriteLine("The hub cannot be reached: this is what was known before. Call the duty desks.");
            foreach (var offer in Offers) to.WriteLine(offer.Line(At));
            if (Offers.Count == 0) to.WriteLine("Nothing of that kind at an agency with which there is an agreement.");
        }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/directory/search", Handle);

    public static Command Command() => Cli.Local("search", "Find a service.", [Service, Family, Age, Area, Language, Gender, Subject], async (parsed, local, ct) =>
    {
        var request = new Request(
            Cli.OptionalCode<HelpService>("--service", parsed.GetValue(Service)),
            Cli.OptionalCode<ServiceFamily>("--family", parsed.GetValue(Family)),
            parsed.GetValue(Age),
            Cli.OptionalName<AreaCode>("--area", parsed.GetValue(Area)),
            Cli.OptionalCode<Language>("--language", parsed.GetValue(Language)),
            Cli.OptionalCode<Gender>("--gender", parsed.GetValue(Gender)),
            parsed.GetValue(Subject) is { } subject ? await Cli.TextAsync(subject, ct) : null);
        return await local.PostAsync<Found>("directory/search", request, ct);
    });

    internal static async Task<Found> Handle(
        Request request, GatewayDb db, OwnAgency own, Profiles profiles, FollowDirectory directory, TimeProvider clock, CancellationToken ct)
    {
        if (request.Area is { } area && !directory.Current.KnowsArea(area, directory.Current.Size))
            throw new RefusedException(Refusal.Malformed, $"--area {area} is in no policy of this directory.");
        var fresh = await profiles.TryRunAsync(db, ct);
        var now = clock.GetUtcNow();
        var wanted = new Wanted
        {
            Service = request.Service,
            Family = request.Family,
            Ages = request.Age is { } age ? (age, age) : null,
            Area = request.Area,
            Language = request.Language,
            Gender = request.Gender,
        };
        var reachable = await Agreements.ReachableAsync(db, own.Id, now, ct);
        var excluded = request.Subject is { } subject ? await AgencyExclusions.ExcludedAsync(db, own, subject, ct) : [];
        return new(now, fresh, Offers.Find(await profiles.AllAsync(db, ct), wanted, reachable.Except(excluded).ToHashSet(), now));
    }
}
