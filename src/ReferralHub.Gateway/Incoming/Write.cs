using System.CommandLine;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// <c>ask</c>, <c>answer</c>, <c>note</c> and <c>appointment</c>, each <c>ID --by H --text TEXT|-</c>: a text to the other side
/// under seal. When and where an appointment is stands in the text only. Spec: docs/protocol.md §2.6, §3.4.
/// </summary>
internal static class Write
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who writes.", Required = true };
    private static readonly Option<string> Text = new("--text") { Description = "The text; - reads it from standard input, where no process list shows it.", Required = true };
    private static readonly Option<string> At = new("--at") { Description = "When it is, as in 2026-11-23T12:00:00Z; sealed with the text.", Required = true };

    private static readonly (string Name, HandoffAct Act, Part Part, string Description)[] All =
    [
        ("ask", HandoffAct.InformationRequested, Part.Question, "Ask the sender before deciding."),
        ("answer", HandoffAct.InformationProvided, Part.Answer, "Answer the recipient's question."),
        ("note", HandoffAct.InterimNote, Part.Note, "Tell the sender how it goes."),
        ("appointment", HandoffAct.Appointment, Part.Note, "Tell the sender of an appointment."),
    ];

    internal sealed record Request(Handle By, string Text, DateTimeOffset? At = null)
    {
        /// <summary>Says nothing of the text.</summary>
        public override string ToString() => nameof(Request);
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        foreach (var (name, act, _, _) in All)
        {
            app.MapPost($"/referrals/{{id:guid}}/{name}", (Guid id, Request request, GatewayDb db, Letters letters, CancellationToken ct) =>
                Handle(act, id, request, db, letters, ct));
        }
    }

    public static IEnumerable<Command> Commands() => All.Select(kind => Cli.Local(
        kind.Name, kind.Description, kind.Act is HandoffAct.Appointment ? [Id, By, Text, At] : [Id, By, Text], async (parsed, local, ct) =>
        {
            var request = new Request(
                Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)),
                await Cli.TextAsync(parsed.GetRequiredValue(Text), ct),
                kind.Act is HandoffAct.Appointment ? Cli.Time("--at", parsed.GetRequiredValue(At)) : null);
            return await local.PostAsync<Acted>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/{kind.Name}", request, ct);
        }));

    internal static Task<Acted> Handle(HandoffAct act, Guid id, Request request, GatewayDb db, Letters letters, CancellationToken ct)
    {
        var part = All.Single(kind => kind.Act == act).Part;
        var note = new Note { Text = request.Text, At = act is HandoffAct.Appointment ? request.At : null };
        return letters.SendAsync(
            db, id, request.By, act, part, note,
            (preamble, referral, written) => act is HandoffAct.InformationProvided
                ? preamble.SayAsSender(referral, act, request.By) with { Parts = [written] }
                : preamble.SayAsRecipient(referral, act, request.By) with { Parts = [written] },
            ct);
    }
}
