using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using ReferralHub.Hub;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub;

/// <summary>
/// On which database a <see cref="TestHub"/> stands: a SQLite file, or one of its own on the PostgreSQL that the environment
/// names. The group `engine` runs tests a second time that way.
/// </summary>
internal static class TestDatabase
{
    private const string Template = "hub_template";

    // The engine.json of a server on which its user may make databases.
    private static readonly string? Server = Environment.GetEnvironmentVariable("TEST_ENGINE");

    // Copying one that has its tables takes a tenth of the time of making them.
    private static readonly Lazy<Task> Migrated = new(async () =>
    {
        await Command($"CREATE DATABASE {Template}");
        var store = new Postgres(Settings(Template).Postgres);
        var options = new DbContextOptionsBuilder<PostgresHubDb>();
        store.Use(options);
        await using (var db = new PostgresHubDb(options.Options, store, new Writer(), new Wakes(), TimeProvider.System))
            await db.Database.MigrateAsync(CancellationToken.None); // not one test's to cancel
        NpgsqlConnection.ClearAllPools(); // a template must not be in use
    });

    /// <summary>Writes the engine.json of a new database to a file and names it; null for the embedded engine.</summary>
    public static async Task<string?> Make()
    {
        if (Server is null) return null;
        await Migrated.Value;
        var name = "hub_" + Path.GetRandomFileName().Replace(".", "", StringComparison.Ordinal);
        await Command($"CREATE DATABASE {name} TEMPLATE {Template}");
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, StrictJson.Write(Settings(name)));
        return file;
    }

    /// <summary>The same without tables; null for the embedded engine.</summary>
    public static async Task<string?> MakeEmpty()
    {
        if (Server is null) return null;
        var name = "hub_" + Path.GetRandomFileName().Replace(".", "", StringComparison.Ordinal);
        await Command($"CREATE DATABASE {name}");
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, StrictJson.Write(Settings(name)));
        return file;
    }

    /// <summary>Lets go of a hub's database: SQLite's is deleted with its folder, the server's with the server.</summary>
    public static void Leave()
    {
        // A pooled connection would keep a deleted file open, or a place at the server.
        SqliteConnection.ClearAllPools();
        if (Server is not null) NpgsqlConnection.ClearAllPools();
    }

    private static EngineSettings Settings(string database)
    {
        var settings = EngineSettings.Read(Server!);
        return settings with { Postgres = settings.Postgres with { Database = database } };
    }

    private static async Task Command(string sql)
    {
        var postgres = Settings("postgres").Postgres;
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
        {
            Host = postgres.Host,
            Port = postgres.Port,
            Database = postgres.Database,
            Username = postgres.User,
            CommandTimeout = 120,
            Password = ServerSettings.ReadPassword("postgres", postgres.PasswordFile!),
        });
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
