using Microsoft.EntityFrameworkCore;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Duty;

/// <summary>From when until when a person is on duty, or stands in for who is. Local: nobody outside learns who is on duty.</summary>
internal sealed class DutyShift
{
    public long Id { get; init; }

    public required Handle Person { get; init; }

    public required DateTimeOffset From { get; init; }

    /// <summary>First second in which it is over.</summary>
    public required DateTimeOffset Until { get; init; }

    public required bool IsCover { get; init; }
}

/// <summary>A person on duty.</summary>
/// <param name="Person">Who.</param>
/// <param name="IsCover">Whether only to be asked when the others do not answer.</param>
internal sealed record OnDuty(Handle Person, bool IsCover);

/// <summary>Who is on duty when.</summary>
internal static class Rota
{
    /// <summary>Who is on duty now, whoever stands in last. Empty when nobody is: then everybody is to be told.</summary>
    public static async Task<IReadOnlyList<OnDuty>> OnDutyAsync(GatewayDb db, DateTimeOffset now, CancellationToken ct)
    {
        var shifts = await db.Shifts.AsNoTracking().Where(s => s.From <= now && now < s.Until).OrderBy(s => s.IsCover).ThenBy(s => s.From).ThenBy(s => s.Id).ToListAsync(ct);
        return [.. shifts.DistinctBy(s => s.Person).Select(s => new OnDuty(s.Person, s.IsCover))];
    }

    /// <summary>The times between two others in which nobody is on duty, cover aside. Pure.</summary>
    public static IReadOnlyList<(DateTimeOffset From, DateTimeOffset Until)> Gaps(IEnumerable<DutyShift> shifts, DateTimeOffset from, DateTimeOffset until)
    {
        var gaps = new List<(DateTimeOffset, DateTimeOffset)>();
        var covered = from;
        foreach (var shift in shifts.Where(s => !s.IsCover && s.Until > from && s.From < until).OrderBy(s => s.From))
        {
            if (shift.From > covered) gaps.Add((covered, shift.From));
            if (shift.Until > covered) covered = shift.Until;
        }

        if (covered < until) gaps.Add((covered, until));
        return gaps;
    }
}
