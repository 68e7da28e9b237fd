using System.CommandLine;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary><c>urgency ID --by H --to U --reason R</c>: the sender says how soon a person must act from now on. Spec: docs/protocol.md §3.4.</summary>
internal static class ChangeUrgency
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who changes it.", Required = true };
    private static readonly Option<Urgency> To = Cli.CodeOption<Urgency>("--to", "How soon a person must act");
    private static readonly Option<UrgencyReason> Reason = Cli.CodeOption<UrgencyReason>("--reason", "Why");

    internal sealed record Request(Handle By, Urgency To, UrgencyReason Reason);

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/referrals/{id:guid}/urgency", Handle);

    public static Command Command() => Cli.Local("urgency", "Change how soon a person must act.", [Id, By, To, Reason], async (parsed, local, ct) =>
    {
        var request = new Request(Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)), parsed.GetValue(To), parsed.GetValue(Reason));
        return await local.PostAsync<Acted>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/urgency", request, ct);
    });

    internal static Task<Acted> Handle(Guid id, Request request, GatewayDb db, Acts acts, CancellationToken ct) => acts.DoAsync(
        db, id, request.By, HandoffAct.UrgencyChanged,
        (preamble, referral) => preamble.SayAsSender(referral, HandoffAct.UrgencyChanged, request.By) with
        {
            Urgency = request.To,
            UrgencyReason = request.Reason,
        },
        ct);
}
