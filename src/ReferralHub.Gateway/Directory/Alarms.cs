using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary>Raises alarms, each once as long as it stands. One that was cleared and is true again is raised again.</summary>
internal static partial class Alarms
{
    /// <summary>Those that stand and that everybody here may know of: none about a referral that might be kept from somebody.</summary>
    public static IQueryable<Alarm> Standing(GatewayDb db) =>
        db.Alarms.Where(a => a.ClearedAt == null && !db.Referrals.Any(r => r.Id == a.Referral && (r.SealedExclusions != null || r.VisibleTo != null)));

    /// <summary>Statements that wait for the hub and that everybody here may know of.</summary>
    public static IQueryable<OutboxItem> Waiting(GatewayDb db) =>
        db.Outbox.Where(o => !db.Referrals.Any(r => r.Id == o.Stream && (r.SealedExclusions != null || r.VisibleTo != null)));

    /// <summary>Adds an alarm to what is about to be saved, unless the same stands already.</summary>
    public static async Task RaiseAsync(GatewayDb db, Alarm alarm, ILogger log, CancellationToken ct)
    {
        if (await db.Alarms.AnyAsync(a => a.ClearedAt == null && a.Code == alarm.Code && a.Detail == alarm.Detail, ct)) return;
        db.Alarms.Add(alarm);
        // Who must not know of a referral may read the log.
        if (alarm.Code is not (AlarmCode.ExclusionMatched or AlarmCode.NobodyToTell)) Raised(log, alarm.Code, alarm.Detail);
    }

    /// <summary>Ends alarms whose cause is gone, without anybody's word.</summary>
    public static async Task EndAsync(GatewayDb db, AlarmCode code, DateTimeOffset now, CancellationToken ct)
    {
        foreach (var alarm in await db.Alarms.Where(a => a.ClearedAt == null && a.Code == code).ToListAsync(ct)) alarm.ClearedAt = now;
    }

    /// <summary>Throws while an alarm stands that stops sealing.</summary>
    public static async Task RequireSealingAsync(GatewayDb db, CancellationToken ct)
    {
        var codes = await Standing(db).Select(a => a.Code).Distinct().ToListAsync(ct);
        string[] stopping = [.. codes.Where(Alarm.Stops).Select(Code.Text)];
        if (stopping.Length > 0)
            throw new RefusedException(Refusal.SealingStopped, "An alarm about the hub's logs stands; nothing is sealed until it is cleared up. See: referral-gateway alarms", stopping);
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "Alarm {Code}: {Detail}")]
    private static partial void Raised(ILogger logger, AlarmCode code, string detail);
}
