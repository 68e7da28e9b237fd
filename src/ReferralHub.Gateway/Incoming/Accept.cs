using System.CommandLine;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
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

    internal static async Task<Acted> Handle(
        Guid id, Request request, GatewayDb db, Exclusions exclusions, Outbox outbox, Dispatch dispatch, Sync sync, CancellationToken ct)
    {
        await exclusions.RequireVisibleAsync(db, id, request.By, ct);
        var signed = await db.Write(
            async () =>
            {
                var referral = await Acts.FindAsync(db, id, ct);
                return await Acts.StateAsync(db, outbox, referral, HandoffAct.Accepted, preamble => Statement(request, referral, preamble), ct);
            },
            ct);
        var acted = await Acts.SettleAsync(db, dispatch, id, signed.Id, ct);
        if (acted.Fate == Fate.Effective) await sync.RunAsync(ct);
        return acted;
    }

    private static Acknowledgement Statement(Request request, KeptReferral referral, Preamble preamble) => new()
    {
        Issuer = preamble.Issuer,
        IssuedAt = preamble.IssuedAt,
        Directory = preamble.Directory,
        AuditLog = preamble.AuditLog,
        Referral = referral.Id,
        After = referral.Current,
        Act = HandoffAct.Accepted,
        By = request.By,
        ExpectedBy = WireTime.Whole(request.ExpectedBy),
    };
}
