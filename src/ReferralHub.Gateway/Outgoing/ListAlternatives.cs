using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// <c>alternatives ID --by H</c>: who else could take a referral of ours, by service, age limits, gender, area, needs and
/// capacity, and is not excluded. It is worked out here from our own copy of the summary and the directory, since the hub must know nothing of
/// the child; <c>resend ID --to AGENCY</c> then checks anew. Spec: docs/protocol.md §3.9.
/// </summary>
internal static class ListAlternatives
{
    private static readonly Argument<string> Id = new("ID") { Description = "A referral of ours." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who looks.", Required = true };

    internal sealed record Request(Handle By);

    /// <summary>What <c>alternatives</c> prints.</summary>
    /// <param name="Referral">The referral's id.</param>
    /// <param name="At">When it was asked.</param>
    /// <param name="Fresh">Whether the hub could be asked; else capacities may be older than they say.</param>
    /// <param name="Suggested">Whom the recipient suggested when it declined; null when nobody.</param>
    /// <param name="Offers">Who could take it: the one suggested first, then the likeliest.</param>
    internal sealed record Found(Guid Referral, DateTimeOffset At, bool Fresh, AgencyId? Suggested, IReadOnlyList<Offer> Offers) : Output
    {
        public override int ExitCode() => Fresh && Offers.Count > 0 ? Exit.Good : Exit.Advice;

        public override void Print(TextWriter to)
        {
            if (!Fresh) to.WriteLine("The hub cannot be reached: this is what was known before. Call the duty desks.");
            if (Suggested is not null && Offers.All(o => o.Agency != Suggested))
                to.WriteLine($"{Suggested} was suggested, but cannot take it by what it offers, is excluded, or there is no agreement with it.");
            foreach (var offer in Offers) to.WriteLine($"{(offer.Agency == Suggested ? "suggested: " : "")}{offer.Line(At)}");
            to.WriteLine(Offers.Count == 0
                ? "Nobody else with whom there is an agreement can take it by what they offer."
                : $"With a consent that names the agency: referral-gateway resend {WireId.Text(Referral)} --to AGENCY --by HANDLE");
        }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/referrals/{id:guid}/alternatives", Handle);

    public static Command Command() => Cli.Local("alternatives", "Show who else could take a referral of ours.", [Id, By], async (parsed, local, ct) =>
    {
        var request = new Request(Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)));
        return await local.PostAsync<Found>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/alternatives", request, ct);
    });

    internal static async Task<Found> Handle(
        Guid id, Request request, GatewayDb db, OwnAgency own, Exclusions exclusions, Copies copies, Profiles profiles, TimeProvider clock, CancellationToken ct)
    {
        var referral = await Acts.FindOursAsync(db, id, request.By, exclusions, ct);
        var wanted = Looked(await ReadSummaryAsync(copies, db, referral, ct));
        var fresh = await profiles.TryRunAsync(db, ct);
        var now = clock.GetUtcNow();
        var reachable = (await Agreements.ReachableAsync(db, own.Id, now, ct)).Except([referral.Recipient]).Except(await ExcludedAsync(db, own, referral, ct)).ToHashSet();
        var suggested = await SuggestedAsync(db, id, ct);
        var offers = Offers.Find(await profiles.AllAsync(db, ct), wanted, reachable, now).Where(o => o.Capacity != LiveCapacity.NoCapacity);
        return new(id, now, fresh, suggested, [.. offers.OrderBy(o => o.Agency == suggested ? 0 : 1)]);
    }

    /// <summary>What the child of a summary needs. The language is no reason against: an interpreter can be asked for. Pure.</summary>
    internal static Wanted Looked(Summary summary) => new()
    {
        Family = summary.Service,
        Ages = Ages.YearsOf(summary.AgeBand),
        Gender = summary.Gender is Gender.NotStated ? null : summary.Gender,
        Area = summary.Area,
        Needs = summary.SpecificNeeds ?? [],
    };

    // The exclusions are those of the subject, whatever code the recipient knew it by.
    private static async Task<IReadOnlyList<AgencyId>> ExcludedAsync(GatewayDb db, OwnAgency own, KeptReferral referral, CancellationToken ct)
    {
        var said = (Referral)(await db.Statements.AsNoTracking().SingleAsync(s => s.Id == referral.Statement, ct)).Read().Statement;
        var subject = (await db.Cases.AsNoTracking().SingleAsync(c => c.Code == said.Case, ct)).SealedSubject;
        return await AgencyExclusions.ExcludedAsync(db, own, SelfSealed.OpenText(own.Keys, subject), ct);
    }

    private static async Task<AgencyId?> SuggestedAsync(GatewayDb db, Guid id, CancellationToken ct)
    {
        var theirs = await db.Statements.AsNoTracking()
            .Where(s => s.Referral == id && !s.IsOurs && s.Kind == StatementKind.Acknowledgement).OrderBy(s => s.Order).ToListAsync(ct);
        return theirs.Select(s => ((Acknowledgement)s.Read().Statement).Suggests).LastOrDefault(suggested => suggested is not null);
    }

    private static async Task<Summary> ReadSummaryAsync(Copies copies, GatewayDb db, KeptReferral referral, CancellationToken ct)
    {
        var kept = await db.Copies.AsNoTracking().SingleOrDefaultAsync(c => c.Referral == referral.Id && c.Part == Part.Summary, ct)
            ?? throw new RefusedException(Refusal.NotHeld, $"{WireId.Text(referral.Id)}: our copy is erased. Look by hand: referral-gateway directory search");
        var (file, opened) = await copies.OpenAsync(db, referral, kept, ct);
        await using (file)
        using (opened) return Envelopes.ReadSummary(opened);
    }
}
