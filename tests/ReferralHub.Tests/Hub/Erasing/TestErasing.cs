using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Commands;
using ReferralHub.Hub.Erasing;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Parts;
using ReferralHub.Protocol.Audit;
using ReferralHub.Tests.Hub.Notifications;

namespace ReferralHub.Tests.Hub.Erasing;

/// <summary>A field whose policy says for how long the hub keeps its records.</summary>
internal static class TestErasing
{
    public const int Days = 400;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<TestField> Start()
    {
        var field = await TestField.Start();
        await field.Hub.AddPolicy(version: 2, keepRecordsDays: Days);
        return field;
    }

    /// <summary>Lets as many days pass, everybody hear of everything, and all that was sealed be erased.</summary>
    public static async Task Pass(this TestField field, double days = Days)
    {
        await field.Deliver();
        field.Clock.Now += TimeSpan.FromDays(days);
        await field.Sweep();
    }

    /// <summary>Delivers what waits, as the relay does.</summary>
    public static async Task Deliver(this TestField field)
    {
        await ReadFeedTests.Deliver(field);
        await field.Use(db => db.Set<OutboxMessage>().ExecuteDeleteAsync(Ct));
    }

    /// <summary>Lets the hub look once for parts that are due.</summary>
    public static async Task Sweep(this TestField field)
    {
        await field.Sequence();
        await field.Use(db => SweepParts.RunOnce(db, field.Hub.Uploads, Ct));
        await field.Sequence();
    }

    /// <summary>Lets the hub look once.</summary>
    /// <returns>How many events it erased.</returns>
    public static async Task<int> Erase(this TestField field)
    {
        await field.Sequence();
        var erased = await field.Use(db => EraseRecords.RunOnce(db, field.Hub.Agencies, Ct));
        await field.Sequence();
        return erased;
    }

    /// <summary>What the events of erasures say.</summary>
    public static async Task<IReadOnlyList<AuditEvent>> Erasures(this TestField field) =>
        [.. (await field.Events()).Where(happened => happened.Event is AuditEventCode.Erased)];

    public static Task<VerifyLogs.Found> Verify(this TestField field, bool full = true) => field.Use(db => VerifyLogs.Run(db, field.Hub.Keys, full, Ct));

    public static Task<List<ErasedRecord>> Remains(this TestField field) =>
        field.Use(db => db.Set<ErasedRecord>().AsNoTracking().OrderBy(r => r.Id).ToListAsync(Ct));
}
