using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Claims;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// <c>people disable HANDLE --by LEAD</c> and <c>people enable</c>: whoever left acts, looks and is told no more; what they did
/// stays theirs. What they have is handed over first, so that nothing is without an owner.
/// </summary>
internal static class DisablePerson
{
    private static readonly Argument<string> Person = new("HANDLE") { Description = "Who." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of the lead who says so.", Required = true };

    internal sealed record Request(Handle By);

    /// <summary>What <c>people disable</c> and <c>people enable</c> print.</summary>
    /// <param name="Handle">Who.</param>
    /// <param name="Enabled">Whether they may act now.</param>
    internal sealed record Done(Handle Handle, bool Enabled) : Output
    {
        public override void Print(TextWriter to) => to.WriteLine(Enabled ? $"{Handle} acts again" : $"{Handle} acts, looks and is told no more");
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        foreach (var enable in new[] { true, false })
        {
            app.MapPost($"/people/{{handle}}/{Word(enable)}", (string handle, Request request, GatewayDb db, Exclusions exclusions, TimeProvider clock, CancellationToken ct) =>
                Handle(Cli.Name<Handle>("HANDLE", handle), enable, request, db, exclusions, clock, ct));
        }
    }

    public static IEnumerable<Command> Commands() => [Command(enable: false), Command(enable: true)];

    private static Command Command(bool enable) => Cli.Local(
        Word(enable), enable ? "Let somebody act again." : "Let somebody act, look and be told no more.", [Person, By], async (parsed, local, ct) =>
            await local.PostAsync<Done>($"people/{Cli.Name<Handle>("HANDLE", parsed.GetRequiredValue(Person))}/{Word(enable)}", new Request(Cli.Name<Handle>("--by", parsed.GetRequiredValue(By))), ct));

    internal static async Task<Done> Handle(
        Handle handle, bool enable, Request request, GatewayDb db, Exclusions exclusions, TimeProvider clock, CancellationToken ct)
    {
        await Outbox.RequirePersonAsync(db, request.By, ct);
        if (!await Exclusions.IsToldAsync(db, request.By, ct)) throw new RefusedException(Refusal.NotForYou, $"{request.By} is no lead: a lead says who works here.");
        var hidden = await exclusions.HiddenFromAsync(db, request.By, ct);
        return await db.Write(
            async () =>
            {
                var person = await db.People.SingleOrDefaultAsync(p => p.Handle == handle, ct) ?? throw Outbox.Nobody(handle);
                var has = enable ? [] : await ClaimedAsync(db, handle, ct);
                if (has.Any(id => !hidden.Contains(id)))
                    throw new RefusedException(Refusal.StateForbids, $"{handle} has referrals: hand them over first, referral-gateway shift end --as {handle} --to HANDLE.");
                // What the lead must not know of goes back to the desk, and nothing is said of it.
                db.Claims.AddRange(has.Select(id => new Claim { Referral = id, Owner = null, By = handle, At = clock.GetUtcNow() }));
                person.DisabledAt = enable ? null : clock.GetUtcNow();
                if (!enable) db.Shifts.RemoveRange(await db.Shifts.Where(s => s.Person == handle).ToListAsync(ct));
                return new Done(handle, enable);
            },
            ct);
    }

    // By claim: what somebody has by being on duty or by having acted last is another's as soon as they are gone.
    private static async Task<IReadOnlyList<Guid>> ClaimedAsync(GatewayDb db, Handle handle, CancellationToken ct)
    {
        var open = await db.Referrals.AsNoTracking().ToListAsync(ct);
        var ids = open.Where(r => !Handoff.IsTerminal(r.State)).Select(r => r.Id).ToHashSet();
        var claims = await db.Claims.AsNoTracking().OrderBy(c => c.Id).ToListAsync(ct);
        return [.. claims.Where(c => ids.Contains(c.Referral)).GroupBy(c => c.Referral).Where(g => g.Last().Owner == handle).Select(g => g.Key)];
    }

    private static string Word(bool enable) => enable ? "enable" : "disable";
}
