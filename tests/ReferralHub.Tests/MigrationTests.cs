using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway;
using ReferralHub.Hub;

namespace ReferralHub.Tests;

/// <summary>A model that changed without its migrations would stop a hub or a gateway at its next start, on either database.</summary>
public sealed class MigrationTests
{
    [Fact]
    public void The_migrations_make_what_the_models_are()
    {
        using var hub = new HubDbDesign().CreateDbContext([]);
        using var postgres = new PostgresHubDbDesign().CreateDbContext([]);
        using var gateway = new GatewayDb(GatewayDb.At("design.db"));

        Assert.All<DbContext>([hub, postgres, gateway], db => Assert.False(db.Database.HasPendingModelChanges(), db.GetType().Name));
    }
}
