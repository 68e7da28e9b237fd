using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// <c>close ID --by H</c>: the sender reads the recipient's note, and with that the loop is closed. The note is opened first;
/// what was not read is not closed. Spec: docs/protocol.md §3.4.
/// </summary>
internal static class Close
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who reads the outcome.", Required = true };

    internal sealed record Request(Handle By);

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/referrals/{id:guid}/close", Handle);

    public static Command Command() => Cli.Local("close", "Read the outcome and close the loop.", [Id, By], async (parsed, local, ct) =>
    {
        var request = new Request(Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)));
        return await local.PostAsync<Acted>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/close", request, ct);
    });

    internal static async Task<Acted> Handle(Guid id, Request request, GatewayDb db, Looks looks, Acts acts, CancellationToken ct)
    {
        var referral = await acts.RequireAsync(db, id, request.By, HandoffAct.LoopClosed, ct);
        var outcome = (await db.Statements.AsNoTracking().SingleAsync(s => s.Id == referral.Current, ct)).Read().Statement;
        string text;
        await using (var look = await looks.OpenAsync(db, id, Part.Note, AccessAct.Opened, request.By, ct, outcome.Brings[0].Sha256))
            text = ReadLetters.TextOf(look).Text;

        var acted = await acts.DoAsync(
            db, id, request.By, HandoffAct.LoopClosed, (preamble, kept) => preamble.SayAsSender(kept, HandoffAct.LoopClosed, request.By), ct);
        return acted with { Note = text };
    }
}
