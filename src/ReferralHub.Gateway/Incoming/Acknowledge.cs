using System.CommandLine;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary><c>acknowledge ID --by H</c>: a named person has seen that the referral exists and owns deciding. Spec: docs/protocol.md §3.4.</summary>
internal static class Acknowledge
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who acknowledges.", Required = true };

    internal sealed record Request(Handle By);

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/referrals/{id:guid}/acknowledge", Handle);

    public static Command Command() => Cli.Local("acknowledge", "Say that somebody owns deciding.", [Id, By], async (parsed, local, ct) =>
    {
        var request = new Request(Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)));
        return await local.PostAsync<Acted>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/acknowledge", request, ct);
    });

    internal static async Task<Acted> Handle(
        Guid id, Request request, GatewayDb db, Exclusions exclusions, Outbox outbox, Dispatch dispatch, CancellationToken ct)
    {
        await exclusions.RequireVisibleAsync(db, id, request.By, ct);
        var signed = await db.Write(
            async () =>
            {
                var referral = await Acts.FindAsync(db, id, ct);
                return await Acts.StateAsync(db, outbox, referral, HandoffAct.Acknowledged, preamble => Statement(request, referral, preamble), ct);
            },
            ct);
        return await Acts.SettleAsync(db, dispatch, id, signed.Id, ct);
    }

    private static Acknowledgement Statement(Request request, KeptReferral referral, Preamble preamble) => new()
    {
        Issuer = preamble.Issuer,
        IssuedAt = preamble.IssuedAt,
        Directory = preamble.Directory,
        AuditLog = preamble.AuditLog,
        Referral = referral.Id,
        After = referral.Current,
        Act = HandoffAct.Acknowledged,
        By = request.By,
    };
}
