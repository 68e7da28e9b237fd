using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Claims;

/// <summary><c>shift end --as H --to H</c>: hands all that somebody has, and that is not over, to whoever comes next.</summary>
internal static class EndShift
{
    private static readonly Option<string> As = new("--as") { Description = "Handle of who goes.", Required = true };
    private static readonly Option<string> To = new("--to") { Description = "Handle of who comes.", Required = true };

    internal sealed record Request(Handle As, Handle To);

    /// <summary>What <c>shift end</c> prints.</summary>
    /// <param name="HandedOver">Referrals that the other person has now.</param>
    /// <param name="Kept">Referrals that must be kept from that person: they stay, and go to somebody else by <c>hand-over</c>.</param>
    internal sealed record Ended(IReadOnlyList<Guid> HandedOver, IReadOnlyList<Guid> Kept) : Output
    {
        public override int ExitCode() => Kept.Count > 0 ? Exit.Advice : Exit.Good;

        public override void Print(TextWriter to)
        {
            to.WriteLine($"{HandedOver.Count} handed over");
            foreach (var id in Kept) to.WriteLine($"{WireId.Text(id)} stays: hand it to somebody else");
        }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/shift/end", Handle);

    public static Command Command() => Cli.Local("end", "Hand over what somebody has.", [As, To], async (parsed, local, ct) => await local.PostAsync<Ended>(
        "shift/end",
        new Request(Cli.Name<Handle>("--as", parsed.GetRequiredValue(As)), Cli.Name<Handle>("--to", parsed.GetRequiredValue(To))),
        ct));

    internal static async Task<Ended> Handle(Request request, GatewayDb db, Exclusions exclusions, TimeProvider clock, CancellationToken ct)
    {
        await Outbox.RequirePersonAsync(db, request.As, ct);
        var hidden = await exclusions.HiddenFromAsync(db, request.To, ct);
        return await db.Write(
            async () =>
            {
                var open = (await db.Referrals.AsNoTracking().ToListAsync(ct)).Where(r => !Handoff.IsTerminal(r.State)).Select(r => r.Id).ToList();
                var theirs = (await Owners.OfAsync(db, exclusions, open, clock.GetUtcNow(), ct)).Where(o => o.Value.Person == request.As).Select(o => o.Key).ToList();
                var now = clock.GetUtcNow();
                var handed = theirs.Where(id => !hidden.Contains(id)).ToList();
                db.Claims.AddRange(handed.Select(id => new Claim { Referral = id, Owner = request.To, By = request.As, At = now }));
                return new Ended(handed, [.. theirs.Where(hidden.Contains)]);
            },
            ct);
    }
}
