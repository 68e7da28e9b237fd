using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub;

namespace ReferralHub.Tests.Hub;

public sealed class SqliteTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_fails_the_write_at_once_and_changes_nothing()
    {
        await using var hub = await TestHub.Start();
        var runs = 0;

        await hub.Use(async db =>
        {
            await db.Database.OpenConnectionAsync(Ct);
            await db.Database.ExecuteSqlRawAsync("PRAGMA max_page_count = 1", Ct); // SQLite raises it to what there is
            await Assert.ThrowsAsync<DbUpdateException>(() => db.Write(_ => Task.FromResult((++runs, db.Add(new Lease { Name = new string('x', 1 << 20) }))), Ct));
        });

        Assert.Equal(1, runs);
        Assert.Equal(0, await hub.Use(db => db.Set<Lease>().CountAsync(Ct)));
    }
}
