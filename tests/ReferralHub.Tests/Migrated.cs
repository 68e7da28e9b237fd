using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralHub.Gateway;
using ReferralHub.Hub;

namespace ReferralHub.Tests;

/// <summary>What is the same for the database of every test, made once: the tables, by the migrations, and the compiled models.</summary>
internal static class Migrated
{
    private static readonly Lazy<Task<byte[]>> OfHub = new(() => Make(file =>
    {
        var options = new DbContextOptionsBuilder<HubDb>();
        var store = new Sqlite(file);
        store.Use(options);
        return new HubDb(options.Options, store, new Writer(), new Wakes(), TimeProvider.System);
    }));

    private static readonly Lazy<Task<byte[]>> OfGateway = new(() => Make(file => new GatewayDb(GatewayDb.At(file))));

    /// <summary>The file of a hub that has just been set up.</summary>
    public static Task<byte[]> Hub => OfHub.Value;

    /// <summary>The file of a gateway that has just been set up.</summary>
    public static Task<byte[]> Gateway => OfGateway.Value;

    /// <summary>Entity Framework makes its model and every query anew for each logger factory, so all tests have the same.</summary>
    public static void ShareModels(IServiceCollection services) => services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);

    private static async Task<byte[]> Make(Func<string, DbContext> open)
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("rh-");
        var file = Path.Combine(folder.FullName, "made.db");
        await using (var db = open(file))
        {
            await db.Database.MigrateAsync();
            await db.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)");
            SqliteConnection.ClearPool((SqliteConnection)db.Database.GetDbConnection());
        }

        var made = await File.ReadAllBytesAsync(file);
        folder.Delete(recursive: true);
        return made;
    }
}
