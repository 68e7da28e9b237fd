using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ReferralHub.Gateway;
using ReferralHub.Protocol.Handoffs;

namespace ReferralHub.Tests.Gateway;

/// <summary>A gateway whose database is of the schema before this one's, and full. That a newer one is refused is in <see cref="CommandTests"/>.</summary>
public sealed class UpgradeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_schema_before_is_taken_with_all_that_is_in_it_and_the_handoff_goes_on()
    {
        await using var pair = await TestPair.StartAsync();
        var (police, shelter) = (pair.Police, pair.Shelter);
        var id = await pair.SendAsync();
        await shelter.SyncAsync();
        await shelter.AcknowledgeAsync(id);
        foreach (var gateway in new[] { police, shelter })
        {
            var before = await gateway.With(Rows);
            await gateway.With(async db =>
            {
                await db.GetService<IMigrator>().MigrateAsync(db.Database.GetMigrations().SkipLast(1).Last(), Ct);
                Assert.NotEmpty(await db.Database.GetPendingMigrationsAsync(Ct));
                await db.UpgradeAsync(Ct);
                return true;
            });
            Assert.Equal(before, await gateway.With(Rows));
        }

        await shelter.AcceptAsync(id);
        Assert.Equal("SYNTHETIC Sara", (await shelter.RecordAsync(id)).Form["identity"].GetProperty("name").GetString());
        await shelter.CompleteAsync(id, "SYNTHETIC");
        await police.SyncAsync();
        Assert.Equal(HandoffState.LoopClosed, (await police.CloseAsync(id)).State);
    }

    private static async Task<List<string>> Rows(GatewayDb db)
    {
        await db.Database.OpenConnectionAsync(Ct);
        await using var tables = db.Database.GetDbConnection().CreateCommand();
        tables.CommandText =
            """
            SELECT group_concat('SELECT ''' || name || ' '' || count(*) FROM "' || name || '"', ' UNION ALL ')
            FROM (SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '__EF%' ORDER BY name)
            """;
        await using var counts = db.Database.GetDbConnection().CreateCommand();
        counts.CommandText = (string)(await tables.ExecuteScalarAsync(Ct))!;
        await using var reader = await counts.ExecuteReaderAsync(Ct);
        var rows = new List<string>();
        while (await reader.ReadAsync(Ct)) rows.Add(reader.GetString(0));
        return rows;
    }
}
