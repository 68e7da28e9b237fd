using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;

namespace ReferralHub.Hub;

/// <summary>How the embedded engine uses SQLite. What is peculiar to it stands here and nowhere else.</summary>
internal sealed class Sqlite(string file) : IStore
{
    // https://sqlite.org/rescode.html: SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE
    private const int PrimaryKeyTaken = 1555;
    private const int UniqueTaken = 2067;

    public void Use(DbContextOptionsBuilder options) => options
        .UseSqlite(new SqliteConnectionStringBuilder { DataSource = file, ForeignKeys = true }.ToString())
        .AddInterceptors(new Pragmas());

    // BEGIN IMMEDIATE: it takes SQLite's one lock for writers.
    public Task<IDbContextTransaction> Begin(DbContext db, CancellationToken ct) => db.Database.BeginTransactionAsync(ct);

    public bool IsRace(DbUpdateException e) =>
        e is DbUpdateConcurrencyException || e.InnerException is SqliteException { SqliteExtendedErrorCode: PrimaryKeyTaken or UniqueTaken };

    public async Task<DbTransaction> Snapshot(DbContext db, CancellationToken ct)
    {
        await db.Database.OpenConnectionAsync(ct);
        var snapshot = ((SqliteConnection)db.Database.GetDbConnection()).BeginTransaction(deferred: true);
        await db.Database.UseTransactionAsync(snapshot, ct);
        return snapshot;
    }

    // Copies the journal into the file and cuts it to nothing: until then it has pages as they were before a deletion. While
    // somebody reads an older state it stays as it is, until the next time.
    public Task Purge(DbContext db, CancellationToken ct) =>
        db.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)", ct);

    public async Task<string> Copy(DbContext db, string folder, CancellationToken ct)
    {
        const string name = "hub.db";
        var target = Path.Combine(folder, name);
        DataFolder.WriteSecret(target, []);
        await db.Database.OpenConnectionAsync(ct);
        await using var copy = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = target, Pooling = false }.ToString());
        await copy.OpenAsync(ct);
        // All pages in one step are those of one moment; in WAL nobody waits for it.
        ((SqliteConnection)db.Database.GetDbConnection()).BackupDatabase(copy);
        await using var command = copy.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = DELETE"; // one file, and nothing beside it
        await command.ExecuteNonQueryAsync(ct);
        return name;
    }

    public async Task<string?> CheckCopy(HubDb db, string file, Func<HubDb, Task<string?>> look, CancellationToken ct)
    {
        var options = new DbContextOptionsBuilder<HubDb>()
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString()).Options;
        using var writer = new Writer();
        await using var copy = new HubDb(options, this, writer, db.Wakes, db.Clock);
        try
        {
            var found = (await copy.Database.SqlQueryRaw<string>("PRAGMA integrity_check").ToListAsync(ct)).First();
            return found == "ok" ? await look(copy) : found;
        }
        catch (SqliteException e)
        {
            return e.Message;
        }
    }

    public async Task Load(string copy, CancellationToken ct)
    {
        if (File.Exists(file)) throw Wrong("There is a database already: restore into a new folder.");
        DataFolder.WriteSecret(file, []);
        await using (var from = File.OpenRead(copy))
        await using (var to = new FileStream(file, FileMode.Open, FileAccess.Write))
        {
            await from.CopyToAsync(to, ct);
            to.Flush(flushToDisk: true);
        }

        // As every later connection expects it: one that only reads cannot change it.
        await using var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        await database.OpenAsync(ct);
        await using var command = database.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL";
        await command.ExecuteNonQueryAsync(ct);
    }

    public Task Check(DbContext db, CancellationToken ct) => Task.CompletedTask;

    public Task<DateTimeOffset> Now(DbContext db, CancellationToken ct) => Task.FromResult(((HubDb)db).Clock.GetUtcNow());

    public SettingsException Explain(Exception trouble) =>
        Wrong($"The database cannot be used ({trouble.Message}). See that the hub's user owns it and the disk has room, or restore it from the backup.");

    public SettingsException Wrong(string fix) => new("--data", file, fix);

    private sealed class Pragmas : DbConnectionInterceptor
    {
        // FULL: what was answered 2xx is on the disk. secure_delete: what was erased is not in the file.
        // busy_timeout: the commands beside the server write too; 10 s is far above any transaction of ours.
        // cache_size: KiB, as a negative number; pooled connections keep their caches, so they must be small.
        private const string Commands =
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA secure_delete = ON;
            PRAGMA busy_timeout = 10000;
            PRAGMA cache_size = -512;
            """;

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
        {
            using var command = connection.CreateCommand();
            command.CommandText = Commands;
            command.ExecuteNonQuery();
        }

        public override Task ConnectionOpenedAsync(
            DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            ConnectionOpened(connection, eventData);
            return Task.CompletedTask;
        }
    }
}
