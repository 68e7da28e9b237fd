using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Commands;

namespace ReferralHub.Gateway.Duty;

/// <summary><c>duty remove N</c>: takes a shift off the rota.</summary>
internal static class RemoveShift
{
    private static readonly Argument<long> Shift = new("N") { Description = "The shift's number." };

    /// <summary>What <c>duty remove</c> prints.</summary>
    /// <param name="Shift">Its number.</param>
    internal sealed record Removed(long Shift) : Output
    {
        public override void Print(TextWriter to) => to.WriteLine($"shift {Shift} is off the rota");
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapDelete("/duty/{shift:long}", Handle);

    public static Command Command() => Cli.Local("remove", "Take a shift off the rota.", [Shift], async (parsed, local, ct) =>
        await local.SendAsync<Removed>(HttpMethod.Delete, $"duty/{parsed.GetValue(Shift)}", null, ct));

    internal static async Task<Removed> Handle(long shift, GatewayDb db, CancellationToken ct) =>
        await db.Shifts.Where(s => s.Id == shift).ExecuteDeleteAsync(ct) == 1
            ? new(shift)
            : throw new RefusedException(Refusal.NotFound, $"N {shift}: no such shift.");
}
