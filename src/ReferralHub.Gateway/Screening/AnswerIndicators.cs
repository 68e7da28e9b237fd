using System.CommandLine;
using System.Text.Json;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Screening;

/// <summary>
/// <c>indicators KIND</c> shows the checklist of a kind of agency; <c>indicators answer KIND --subject S --yes CODE … --by H</c>
/// keeps the answers, sealed to ourselves, and shows which services and clocks follow. Never a score.
/// </summary>
internal static class AnswerIndicators
{
    private static readonly Argument<string> Kind = new("KIND") { Description = $"Whose checklist: {string.Join(", ", Code.All<AgencyKind>())}." };
    private static readonly Option<string> Subject = new("--subject") { Description = "Whom it is about, as in our own files; - reads it from standard input.", Required = true };
    private static readonly Option<string[]> Yes = new("--yes") { Description = "A question that is answered by yes.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who asks.", Required = true };

    internal sealed record Request(string Subject, IReadOnlyList<string> Yes, Handle By)
    {
        /// <summary>Says nothing of the subject and the answers.</summary>
        public override string ToString() => nameof(Request);
    }

    /// <summary>What <c>indicators</c> prints.</summary>
    /// <param name="Kind">Whose checklist.</param>
    /// <param name="Version">Its version.</param>
    /// <param name="Questions">The questions.</param>
    internal sealed record Asked(AgencyKind Kind, int Version, IReadOnlyList<Question> Questions) : Output
    {
        public override void Print(TextWriter to)
        {
            to.WriteLine($"{Code.Text(Kind)}, version {Version}");
            foreach (var question in Questions) to.WriteLine($"  {question.Code}: {question.En} / {question.Ar}");
        }
    }

    /// <summary>What <c>indicators answer</c> prints.</summary>
    /// <param name="Kept">Number of what was kept.</param>
    /// <param name="Follows">Services to think of, the most urgent first.</param>
    internal sealed record Answered(long Kept, IReadOnlyList<Following> Follows) : Output
    {
        public override void Print(TextWriter to)
        {
            foreach (var following in Follows)
                to.WriteLine($"{Code.Text(following.Service)}  {Code.Text(following.Urgency)}: acknowledged within {Words(following.Acknowledge)}, decided within {Words(following.Decide)}");
            to.WriteLine(Follows.Count == 0 ? "Nothing follows from these answers; your own judgement counts." : "These are services to think of, not a finding; your own judgement counts.");
        }

        private static string Words(Protocol.Clocks.ClockPeriod period) => period.Runs == Protocol.Clocks.ClockRun.WorkingDays
            ? $"{period.Seconds / 86_400} working days"
            : $"{period.Seconds / 3600} h";
    }

    /// <summary>What is sealed.</summary>
    internal sealed record Sealed(AgencyKind Kind, int Version, string Subject, IReadOnlyList<string> Yes)
    {
        /// <summary>Says nothing of the answers.</summary>
        public override string ToString() => nameof(Sealed);
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/indicators/{kind}", Ask);
        app.MapPost("/indicators/{kind}", Handle);
    }

    public static Command Command()
    {
        var ask = Cli.Local("indicators", "Show the questions that help to decide whether to refer.", [Kind], async (parsed, local, ct) =>
            await local.GetAsync<Asked>(PathOf(parsed), ct));
        ask.Add(Cli.Local("answer", "Keep answers here, and see which services and clocks follow.", [Kind, Subject, Yes, By], async (parsed, local, ct) =>
        {
            var subject = await Cli.TextAsync(parsed.GetRequiredValue(Subject), ct);
            return await local.PostAsync<Answered>(PathOf(parsed), new Request(subject, parsed.GetValue(Yes) ?? [], Cli.Name<Handle>("--by", parsed.GetRequiredValue(By))), ct);
        }));
        return ask;
    }

    internal static Asked Ask(string kind, DataFolder folder)
    {
        var (whose, checklist) = Find(kind, folder);
        return new(whose, checklist.Version, checklist.Questions);
    }

    internal static async Task<Answered> Handle(string kind, Request request, GatewayDb db, OwnAgency own, DataFolder folder, TimeProvider clock, CancellationToken ct)
    {
        await Outbox.RequirePersonAsync(db, request.By, ct);
        var (whose, checklist) = Find(kind, folder);
        if (string.IsNullOrWhiteSpace(request.Subject)) throw new RefusedException(Refusal.Malformed, "--subject is empty.");
        string[] unknown = [.. request.Yes.Except(checklist.Questions.Select(q => q.Code))];
        if (unknown.Length > 0) throw new RefusedException(Refusal.Malformed, $"--yes: the checklist has no such question. See: referral-gateway indicators {kind}");

        var kept = new KeptAnswers
        {
            By = request.By,
            At = clock.GetUtcNow(),
            SealedAnswers = SelfSealed.Seal(own.Keys, JsonSerializer.SerializeToUtf8Bytes(new Sealed(whose, checklist.Version, request.Subject, request.Yes), LocalJson.Options)),
        };
        await db.Write(
            () =>
            {
                db.Answers.Add(kept);
                return Task.CompletedTask;
            },
            ct);
        return new(kept.Id, checklist.Follow([.. request.Yes]));
    }

    private static (AgencyKind Kind, Checklist Checklist) Find(string kind, DataFolder folder) =>
        Code.TryParse<AgencyKind>(kind, out var whose) && Checklist.Find(folder, whose) is { } checklist
            ? (whose, checklist)
            : throw new RefusedException(Refusal.NotFound, $"KIND {kind}: there is no checklist of that kind.");

    private static string PathOf(ParseResult parsed) => $"indicators/{Uri.EscapeDataString(parsed.GetRequiredValue(Kind))}";
}
