using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace ReferralHub.Hub;

/// <summary>How <c>dotnet ef</c> gets a model to write migrations from, one for each database. The program itself never uses them.</summary>
internal sealed class HubDbDesign : IDesignTimeDbContextFactory<HubDb>
{
    public HubDb CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<HubDb>();
        var store = new Sqlite("design.db");
        store.Use(options);
        return new HubDb(options.Options, store, new Writer(), new Wakes(), TimeProvider.System);
    }
}

/// <inheritdoc cref="HubDbDesign"/>
/// <remarks><c>dotnet ef migrations add NAME --project src/ReferralHub.Hub --context PostgresHubDb --output-dir Migrations/Postgres</c></remarks>
internal sealed class PostgresHubDbDesign : IDesignTimeDbContextFactory<PostgresHubDb>
{
    public PostgresHubDb CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<PostgresHubDb>();
        var store = new Postgres(new("localhost", 5432, "design", "design"));
        store.Use(options);
        return new PostgresHubDb(options.Options, store, new Writer(), new Wakes(), TimeProvider.System);
    }
}
