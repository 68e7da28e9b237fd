using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Demo;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.SystemTests.Faults;

/// <summary>A statement as a gateway kept it.</summary>
internal sealed record Kept(Digest Id, Guid? Referral, StatementKind Kind, bool IsOurs, Fate Fate, HandoffAct? Act);

/// <summary>All that a gateway says of itself, read from its database.</summary>
/// <param name="Statements">By id.</param>
/// <param name="States">Of each referral.</param>
/// <param name="Waiting">Statements that the hub has not answered.</param>
/// <param name="Alarms">What stands.</param>
/// <param name="FeedPosition">How far it has read.</param>
internal sealed record GatewayRecords(
    IReadOnlyDictionary<Digest, Kept> Statements, IReadOnlyDictionary<Guid, HandoffState> States, int Waiting, IReadOnlyList<string> Alarms, long FeedPosition)
{
    /// <summary>Whether it still has something for the hub, or something of the hub's to fetch.</summary>
    public static async Task<bool> Waits(AgencyNode agency)
    {
        await using var db = new GatewayDb(GatewayDb.At(new DataFolder(agency.Data).Database));
        return await db.Outbox.AnyAsync() || await db.Parts.AnyAsync(p => !p.Held);
    }

    public static async Task<GatewayRecords> Of(AgencyNode agency, CancellationToken ct)
    {
        await using var db = new GatewayDb(GatewayDb.At(new DataFolder(agency.Data).Database));
        var statements = new Dictionary<Digest, Kept>();
        await foreach (var kept in db.Statements.AsNoTracking().AsAsyncEnumerable().WithCancellation(ct))
            statements.Add(kept.Id, new(kept.Id, kept.Referral, kept.Kind, kept.IsOurs, kept.Fate, kept.Read().Statement.Does));
        var alarms = await Gateway.Directory.Alarms.Standing(db).ToListAsync(ct);
        return new(
            statements,
            await db.Referrals.ToDictionaryAsync(r => r.Id, r => r.State, ct),
            await db.Outbox.CountAsync(ct),
            [.. alarms.Select(alarm => $"{Code.Text(alarm.Code)}: {alarm.Detail}")],
            (await db.Bindings.SingleAsync(ct)).FeedPosition);
    }
}
