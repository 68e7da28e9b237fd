using System.CommandLine;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary><c>accept ID --by H --expected-by T</c>: we take responsibility; with that the record is released, and fetched at once. Spec: docs/protocol.md §3.4.</summary>
internal static class Accept
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who accepts.", Required = true };
    private static readonly Option<string> ExpectedBy = new("--expected-by") { Description = "When the service is expected to have begun, as in 2026-11-23T12:00:00Z.", Required = true };

    internal sealed record Request(Handle By, DateTimeOffset ExpectedBy);

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/referrals/{id:guid}/accept", Handle);

    public static Command Command() => Cli.Local("accept", "Take responsibility.", [Id, By, ExpectedBy], async (parsed, local, ct) =>
    {
        var request = new Request(Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)), Cli.Time("--expected-by", parsed.GetRequiredValue(ExpectedBy)));
        return await local.PostAsync<Acted>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/accept", request, ct);
    });

    internal static async Task<Acted> Handle(Guid id, Request request, GatewayDb db, Acts acts, Sync sync, CancellationToken ct)
    {
        var acted = await acts.DoAsync(
            db, id, request.By, HandoffAct.Accepted,
            (preamble, referral) => preamble.SayAsRecipient(referral, HandoffAct.Accepted, request.By) with { ExpectedBy = WireTime.Whole(request.ExpectedBy) }, ct);
        if (acted.Fate == Fate.Effective) await sync.RunAsync(ct);
        return acted;
    }
}
