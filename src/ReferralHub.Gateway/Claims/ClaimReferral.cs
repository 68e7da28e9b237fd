using System.CommandLine;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Claims;

/// <summary><c>claim ID --as H</c>, <c>release ID --as H</c>, <c>hand-over ID --as H --to H</c>: which of us has a referral.</summary>
internal static class ClaimReferral
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string> As = new("--as") { Description = "Handle of who says so.", Required = true };
    private static readonly Option<string> To = new("--to") { Description = "Handle of who has it from now on.", Required = true };

    internal sealed record Request(Handle As, Handle? To);

    /// <summary>What these commands print.</summary>
    /// <param name="Referral">The referral.</param>
    /// <param name="Owner">Who has it now; null when nobody has and we are not responsible.</param>
    /// <param name="Why">Why that person.</param>
    internal sealed record Owned(Guid Referral, Handle? Owner, OwnerBy? Why) : Output
    {
        public override void Print(TextWriter to) =>
            to.WriteLine($"{WireId.Text(Referral)}: {(Owner is null ? "nobody has it" : $"{Owner} has it ({Code.Text(Why!.Value)})")}");
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/referrals/{id:guid}/owner", Handle);

    public static IEnumerable<Command> Commands() =>
    [
        Cli.Local("claim", "Take a referral on.", [Id, As], (parsed, local, ct) => PostAsync(parsed, local, me => me, ct)),
        Cli.Local("release", "Give a referral back to the duty desk.", [Id, As], (parsed, local, ct) => PostAsync(parsed, local, _ => null, ct)),
        Cli.Local("hand-over", "Hand a referral to somebody else.", [Id, As, To], (parsed, local, ct) =>
            PostAsync(parsed, local, _ => Cli.Name<Handle>("--to", parsed.GetRequiredValue(To)), ct)),
    ];

    internal static async Task<Owned> Handle(
        Guid id, Request request, GatewayDb db, Exclusions exclusions, TimeProvider clock, CancellationToken ct)
    {
        await exclusions.RequireVisibleAsync(db, id, request.As, ct);
        if (request.To is { } to) await exclusions.RequireVisibleAsync(db, id, to, ct);
        await db.Write(
            async () =>
            {
                var referral = await Acts.FindAsync(db, id, ct);
                db.Claims.Add(new Claim { Referral = referral.Id, Owner = request.To, By = request.As, At = clock.GetUtcNow() });
            },
            ct);
        var owner = await Owners.OfAsync(db, exclusions, id, clock.GetUtcNow(), ct);
        return new(id, owner?.Person, owner?.Why);
    }

    private static async Task<Output> PostAsync(ParseResult parsed, Local local, Func<Handle, Handle?> toWhom, CancellationToken ct)
    {
        var me = Cli.Name<Handle>("--as", parsed.GetRequiredValue(As));
        return await local.PostAsync<Owned>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/owner", new Request(me, toWhom(me)), ct);
    }
}
