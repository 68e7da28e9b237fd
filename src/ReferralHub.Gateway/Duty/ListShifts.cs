using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Duty;

/// <summary><c>duty list</c>: who is on duty now, the rota from now on, and when nobody is on duty in the next 14 days.</summary>
internal static class ListShifts
{
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(14);

    /// <summary>A shift.</summary>
    /// <param name="Shift">Its number.</param>
    /// <param name="Person">Who.</param>
    /// <param name="From">From when.</param>
    /// <param name="Until">Until when.</param>
    /// <param name="Cover">Whether this person stands in only.</param>
    internal sealed record Listed(long Shift, Handle Person, DateTimeOffset From, DateTimeOffset Until, bool Cover);

    /// <summary>A time in which nobody is on duty.</summary>
    internal sealed record Gap(DateTimeOffset From, DateTimeOffset Until);

    /// <summary>What <c>duty list</c> prints.</summary>
    /// <param name="Now">Who is on duty now, whoever stands in last.</param>
    /// <param name="Shifts">All that are not over.</param>
    /// <param name="Gaps">When nobody is on duty.</param>
    internal sealed record All(IReadOnlyList<OnDuty> Now, IReadOnlyList<Listed> Shifts, IReadOnlyList<Gap> Gaps) : Output
    {
        public override int ExitCode() => Gaps.Count > 0 ? Exit.Advice : Exit.Good;

        public override void Print(TextWriter to)
        {
            to.WriteLine(Now.Count == 0 ? "nobody is on duty now" : $"on duty now: {string.Join(", ", Now.Select(d => d.IsCover ? $"{d.Person} (cover)" : $"{d.Person}"))}");
            foreach (var shift in Shifts)
                to.WriteLine($"{shift.Shift}  {shift.Person}  {WireTime.Text(shift.From)} to {WireTime.Text(shift.Until)}{(shift.Cover ? "  cover" : "")}");
            foreach (var gap in Gaps) to.WriteLine($"nobody from {WireTime.Text(gap.From)} to {WireTime.Text(gap.Until)}");
        }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/duty", Handle);

    public static Command Command() => Cli.Local("list", "Show the rota, and when nobody is on duty.", [], async (_, local, ct) => await local.GetAsync<All>("duty", ct));

    internal static async Task<All> Handle(GatewayDb db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var shifts = await db.Shifts.AsNoTracking().Where(s => s.Until > now).OrderBy(s => s.From).ThenBy(s => s.Id).ToListAsync(ct);
        return new(
            await Rota.OnDutyAsync(db, now, ct),
            shifts.ConvertAll(s => new Listed(s.Id, s.Person, s.From, s.Until, s.IsCover)),
            [.. Rota.Gaps(shifts, now, now + Ahead).Select(g => new Gap(g.From, g.Until))]);
    }
}
