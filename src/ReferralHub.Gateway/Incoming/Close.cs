using System.CommandLine;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

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

    internal static async Task<Acted> Handle(
        Guid id, Request request, GatewayDb db, Looks looks, Outbox outbox, Dispatch dispatch, CancellationToken ct)
    {
        Acts.Require(await Acts.FindAsync(db, id, ct), HandoffAct.LoopClosed);
        string text;
        await using (var look = await looks.OpenAsync(db, id, Part.Note, AccessAct.Opened, request.By, ct))
        {
            text = SealedJson.TryRead<Note>(look.Envelope.Read(EnvelopeLayout.FormPath(Part.Note), SealedJson.MaxBytes), out var note)
                ? note.Text
                : throw new InvalidDataException($"The note of {id} was verified and does not read.");
        }

        var signed = await db.Write(
            async () =>
            {
                var referral = await Acts.FindAsync(db, id, ct);
                return await Acts.StateAsync(db, outbox, referral, HandoffAct.LoopClosed, preamble => Statement(request, referral, preamble), ct);
            },
            ct);
        return await Acts.SettleAsync(db, dispatch, id, signed.Id, ct) with { Note = text };
    }

    private static SenderAct Statement(Request request, KeptReferral referral, Preamble preamble) => new()
    {
        Issuer = preamble.Issuer,
        IssuedAt = preamble.IssuedAt,
        Directory = preamble.Directory,
        AuditLog = preamble.AuditLog,
        Referral = referral.Id,
        After = referral.Current,
        Act = HandoffAct.LoopClosed,
        By = request.By,
    };
}
