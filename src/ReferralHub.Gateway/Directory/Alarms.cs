using Microsoft.EntityFrameworkCore;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary>Raises alarms, each once.</summary>
internal static partial class Alarms
{
    /// <summary>Adds an alarm to what is about to be saved, unless the same stands already.</summary>
    public static async Task RaiseAsync(GatewayDb db, Alarm alarm, ILogger log, CancellationToken ct)
    {
        if (await db.Alarms.AnyAsync(a => a.Code == alarm.Code && a.Detail == alarm.Detail, ct)) return;
        db.Alarms.Add(alarm);
        Raised(log, alarm.Code, alarm.Detail);
    }

    /// <summary>Throws while an alarm stands that stops sealing.</summary>
    public static async Task RequireSealingAsync(GatewayDb db, CancellationToken ct)
    {
        var codes = await db.Alarms.Select(a => a.Code).Distinct().ToListAsync(ct);
        string[] stopping = [.. codes.Where(Alarm.Stops).Select(Code.Text)];
        if (stopping.Length > 0)
            throw new RefusedException(Refusal.SealingStopped, "An alarm about the hub's logs stands; nothing is sealed until it is cleared up.", stopping);
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "Alarm {Code}: {Detail}")]
    private static partial void Raised(ILogger logger, AlarmCode code, string detail);
}
