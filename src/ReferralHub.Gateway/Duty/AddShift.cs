using System.CommandLine;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Duty;

/// <summary><c>duty add --person H --from T --until T [--cover]</c>: puts a person on the rota.</summary>
internal static class AddShift
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(14);

    private static readonly Option<string> Person = new("--person") { Description = "Handle of who is on duty.", Required = true };
    private static readonly Option<string> From = new("--from") { Description = "From when, as 2026-11-22T23:00:00Z.", Required = true };
    private static readonly Option<string> Until = new("--until") { Description = "Until when.", Required = true };
    private static readonly Option<bool> Cover = new("--cover") { Description = "Stands in, when who is on duty does not answer." };

    internal sealed record Request(Handle Person, DateTimeOffset From, DateTimeOffset Until, bool Cover);

    /// <summary>What <c>duty add</c> prints.</summary>
    /// <param name="Shift">Its number, for <c>duty remove</c>.</param>
    internal sealed record Added(long Shift) : Output
    {
        public override void Print(TextWriter to) => to.WriteLine($"shift {Shift}");
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/duty", Handle);

    public static Command Command() => Cli.Local("add", "Put a person on the rota.", [Person, From, Until, Cover], async (parsed, local, ct) =>
    {
        var request = new Request(
            Cli.Name<Handle>("--person", parsed.GetRequiredValue(Person)),
            Cli.Time("--from", parsed.GetRequiredValue(From)),
            Cli.Time("--until", parsed.GetRequiredValue(Until)),
            parsed.GetValue(Cover));
        return await local.PostAsync<Added>("duty", request, ct);
    });

    internal static async Task<Added> Handle(Request request, GatewayDb db, CancellationToken ct)
    {
        if (request.Until <= request.From || request.Until - request.From > Longest)
            throw new RefusedException(Refusal.Malformed, "--until: later than --from, and by at most 14 days.");
        await Outbox.RequirePersonAsync(db, request.Person, ct);
        var shift = new DutyShift { Person = request.Person, From = request.From, Until = request.Until, IsCover = request.Cover };
        await db.Write(
            () =>
            {
                db.Shifts.Add(shift);
                return Task.CompletedTask;
            },
            ct);
        return new(shift.Id);
    }
}
