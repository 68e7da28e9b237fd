using System.CommandLine;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary><c>decline ID --by H --reason R</c>: we do not take it, for a coded reason; the sender stays responsible. Spec: docs/protocol.md §3.4.</summary>
internal static class Decline
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who declines.", Required = true };
    private static readonly Option<DeclineReason> Reason = Cli.CodeOption<DeclineReason>("--reason", "Why");

    internal sealed record Request(Handle By, DeclineReason Reason);

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/referrals/{id:guid}/decline", Handle);

    public static Command Command() => Cli.Local("decline", "Say no, with a coded reason.", [Id, By, Reason], async (parsed, local, ct) =>
    {
        var request = new Request(Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)), parsed.GetValue(Reason));
        return await local.PostAsync<Acted>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/decline", request, ct);
    });

    internal static Task<Acted> Handle(Guid id, Request request, GatewayDb db, Acts acts, CancellationToken ct) => acts.DoAsync(
        db, id, request.By, HandoffAct.Declined,
        (preamble, referral) => preamble.SayAsRecipient(referral, HandoffAct.Declined, request.By) with { Reason = request.Reason }, ct);
}
