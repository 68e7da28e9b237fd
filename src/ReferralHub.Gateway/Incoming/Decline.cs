using System.CommandLine;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary><c>decline ID --by H --reason R [--suggest AGENCY]</c>: we do not take it, for a coded reason; the sender stays responsible. Spec: docs/protocol.md §3.4.</summary>
internal static class Decline
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who declines.", Required = true };
    private static readonly Option<DeclineReason> Reason = Cli.CodeOption<DeclineReason>("--reason", "Why");

    private static readonly Option<string?> Suggest = new("--suggest") { Description = "Another agency that may be able to take it; the sender decides." };

    internal sealed record Request(Handle By, DeclineReason Reason, AgencyId? Suggests = null);

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/referrals/{id:guid}/decline", Handle);

    public static Command Command() => Cli.Local("decline", "Say no, with a coded reason.", [Id, By, Reason, Suggest], async (parsed, local, ct) =>
    {
        var request = new Request(
            Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)), parsed.GetValue(Reason), Cli.OptionalName<AgencyId>("--suggest", parsed.GetValue(Suggest)));
        return await local.PostAsync<Acted>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/decline", request, ct);
    });

    internal static async Task<Acted> Handle(Guid id, Request request, GatewayDb db, Acts acts, FollowDirectory directory, CancellationToken ct)
    {
        if (request.Suggests is { } suggested && directory.Current.Find(suggested) is null)
            throw new RefusedException(Refusal.UnknownAgency, $"--suggest {suggested}: no such agency in the directory.");
        return await acts.DoAsync(
            db, id, request.By, HandoffAct.Declined,
            (preamble, referral) => request.Suggests == referral.Recipient || request.Suggests == referral.Sender
                ? throw new RefusedException(Refusal.Malformed, $"--suggest {request.Suggests}: another agency than the two of this referral.")
                : preamble.SayAsRecipient(referral, HandoffAct.Declined, request.By) with { Reason = request.Reason, Suggests = request.Suggests },
            ct);
    }
}
