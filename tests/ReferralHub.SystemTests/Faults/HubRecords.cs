using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Demo;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Notifications;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Referrals;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Handoffs;

namespace ReferralHub.SystemTests.Faults;

/// <summary>What the hub has, read from its database on either engine.</summary>
/// <param name="Statements">Statements about referrals that took effect, with the referral.</param>
/// <param name="Acts">Those that move a referral.</param>
/// <param name="States">Of each referral.</param>
/// <param name="Feeds">Of each agency what it was told, in order of position.</param>
/// <param name="Waiting">Messages in the outbox.</param>
/// <param name="Parked">Messages that are given up.</param>
/// <param name="Unlogged">Events without a place in the log.</param>
internal sealed record HubRecords(
    IReadOnlyDictionary<Digest, Guid> Statements,
    IReadOnlyList<(Digest Statement, Guid Referral)> Acts,
    IReadOnlyDictionary<Guid, HandoffState> States,
    IReadOnlyDictionary<string, IReadOnlyList<(long Position, Digest Statement)>> Feeds,
    int Waiting,
    int Parked,
    int Unlogged)
{
    public static Task<HubRecords> Of(HubNode hub, CancellationToken ct) => Read(hub, async db =>
    {
        var feeds = await db.Set<FeedItem>().AsNoTracking().OrderBy(i => i.Position).Select(i => new { i.Agency, i.Position, i.Statement }).ToListAsync(ct);
        var statements = await db.Set<StoredStatement>().Where(s => s.Referral != null).Select(s => new { s.Id, Referral = s.Referral!.Value, s.SetsState }).ToListAsync(ct);
        return new HubRecords(
            statements.ToDictionary(s => s.Id, s => s.Referral),
            [.. statements.Where(s => s.SetsState).Select(s => (s.Id, s.Referral))],
            await db.Set<ReferralRecord>().ToDictionaryAsync(r => r.Id, r => r.State, ct),
            feeds.GroupBy(i => i.Agency.ToString()).ToDictionary(g => g.Key, IReadOnlyList<(long, Digest)> (g) => [.. g.Select(i => (i.Position, i.Statement))]),
            await db.Set<OutboxMessage>().CountAsync(ct),
            await db.Set<ParkedMessage>().CountAsync(ct),
            await db.Set<AuditRecord>().CountAsync(r => r.Index == null, ct));
    });

    /// <summary>Whether everything has been delivered and logged.</summary>
    public static Task<bool> AreSettled(HubNode hub, CancellationToken ct) =>
        Read(hub, async db => !await db.Set<OutboxMessage>().AnyAsync(ct) && !await db.Set<AuditRecord>().AnyAsync(r => r.Index == null, ct));

    private static async Task<T> Read<T>(HubNode hub, Func<HubDb, Task<T>> read)
    {
        await using var services = new ServiceCollection().AddLogging().AddHub(new DataFolder(hub.Data)).BuildServiceProvider(true);
        await using var scope = services.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<HubDb>());
    }
}
