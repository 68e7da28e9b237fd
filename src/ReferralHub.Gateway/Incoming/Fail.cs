using System.CommandLine;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// <c>fail ID --by H --reason R --note TEXT|-</c>: the service did not come about or broke off; the sender is responsible
/// again. Spec: docs/protocol.md §3.4.
/// </summary>
internal static class Fail
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who says so.", Required = true };
    private static readonly Option<FailReason> Reason = Cli.CodeOption<FailReason>("--reason", "Why");
    private static readonly Option<string> Text = new("--note") { Description = "A note to the sender; - reads it from standard input, where no process list shows it.", Required = true };

    internal sealed record Request(Handle By, FailReason Reason, string Note)
    {
        /// <summary>Says nothing of the note.</summary>
        public override string ToString() => nameof(Request);
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/referrals/{id:guid}/fail", Handle);

    public static Command Command() => Cli.Local("fail", "Say why the service did not come about.", [Id, By, Reason, Text], async (parsed, local, ct) =>
    {
        var note = await Cli.TextAsync(parsed.GetRequiredValue(Text), ct);
        var request = new Request(Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)), parsed.GetValue(Reason), note);
        return await local.PostAsync<Acted>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/fail", request, ct);
    });

    internal static Task<Acted> Handle(Guid id, Request request, GatewayDb db, Letters letters, CancellationToken ct) => letters.SendAsync(
        db, id, request.By, HandoffAct.Failed, Part.Note, new Note { Text = request.Note },
        (preamble, referral, note) => preamble.SayAsRecipient(referral, HandoffAct.Failed, request.By) with { Failure = request.Reason, Parts = [note] }, ct);
}
