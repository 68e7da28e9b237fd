using System.CommandLine;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// <c>withdraw ID --by H --reason R</c>: the sender takes a referral back, at once while it is Sent, else once the recipient
/// has confirmed; until then responsibility stays where it is. Spec: docs/protocol.md §3.4.
/// </summary>
internal static class Withdraw
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who withdraws.", Required = true };
    private static readonly Option<WithdrawalReason> Reason = Cli.CodeOption<WithdrawalReason>("--reason", "Why");

    internal sealed record Request(Handle By, WithdrawalReason Reason);

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/referrals/{id:guid}/withdraw", Handle);

    public static Command Command() => Cli.Local("withdraw", "Take a referral back.", [Id, By, Reason], async (parsed, local, ct) =>
    {
        var request = new Request(Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)), parsed.GetValue(Reason));
        return await local.PostAsync<Acted>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/withdraw", request, ct);
    });

    internal static Task<Acted> Handle(Guid id, Request request, GatewayDb db, Acts acts, CancellationToken ct) => acts.DoAsync(
        db, id, request.By, HandoffAct.Withdrawn,
        (preamble, referral) => preamble.SayAsSender(referral, HandoffAct.Withdrawn, request.By) with { Reason = request.Reason }, ct);
}
