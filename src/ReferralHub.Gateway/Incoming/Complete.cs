using System.CommandLine;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// <c>complete ID --by H --outcome O --note TEXT|-</c>: the service ended. The note is sealed to the sender, who is then
/// responsible again until it has read it. Spec: docs/protocol.md §2.6, §3.4.
/// </summary>
internal static class Complete
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who completes.", Required = true };
    private static readonly Option<Outcome> Result = Cli.CodeOption<Outcome>("--outcome", "How it ended");
    private static readonly Option<string> Text = new("--note") { Description = "A note to the sender; - reads it from standard input, where no process list shows it.", Required = true };

    internal sealed record Request(Handle By, Outcome Outcome, string Note)
    {
        /// <summary>Says nothing of the note.</summary>
        public override string ToString() => nameof(Request);
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/referrals/{id:guid}/complete", Handle);

    public static Command Command() => Cli.Local("complete", "Say how the service ended.", [Id, By, Result, Text], async (parsed, local, ct) =>
    {
        var note = await Cli.TextAsync(parsed.GetRequiredValue(Text), ct);
        var request = new Request(Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)), parsed.GetValue(Result), note);
        return await local.PostAsync<Acted>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/complete", request, ct);
    });

    internal static Task<Acted> Handle(Guid id, Request request, GatewayDb db, Letters letters, CancellationToken ct) => letters.SendAsync(
        db, id, request.By, HandoffAct.Completed, Part.Note, new Note { Text = request.Note },
        (preamble, referral, note) => preamble.SayAsRecipient(referral, HandoffAct.Completed, request.By) with { Outcome = request.Outcome, Parts = [note] }, ct);
}
