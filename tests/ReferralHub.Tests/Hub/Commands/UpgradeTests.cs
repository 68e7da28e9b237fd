using System.Runtime.Versioning;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Commands;
using ReferralHub.Hub.Parts;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Handoffs;

namespace ReferralHub.Tests.Hub.Commands;

/// <summary>
/// A hub whose database is of the schema before this one's, and full: the tables are made by the migrations up to that one, and filled
/// with what a hub has written; on PostgreSQL the last migration is taken back. That a newer schema is refused is in <see cref="ServeTests"/>.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class UpgradeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("store", "each")]
    public async Task The_schema_before_is_taken_with_all_that_is_in_it_and_the_handoff_goes_on()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Accepted);
        await field.Sequence();
        var before = await Counts(field);
        if (field.Hub.Data.ReadEngine() is null) await SetBack(field.Hub.Data.Database);
        else await field.Hub.Use(db => db.GetService<IMigrator>().MigrateAsync(db.Database.GetMigrations().SkipLast(1).Last(), Ct));
        Assert.NotEmpty(await field.Use(db => db.Database.GetPendingMigrationsAsync(Ct)));

        await field.Hub.Use(db => Shell.Prepare(db, Ct));

        Assert.Empty(await field.Use(db => db.Database.GetPendingMigrationsAsync(Ct)));
        Assert.Equal(before, await Counts(field));
        Assert.Null((await field.Use(db => VerifyLogs.Run(db, field.Hub.Keys, full: true, Ct))).Wrong);
        await handoff.Do(HandoffAct.Completed);
        await field.Sequence();
        Assert.Null((await field.Report(await field.Bundle(handoff, field.Police))).Finding);
    }

    [Fact]
    public async Task A_backup_of_the_schema_before_is_restored()
    {
        await using var field = await TestField.Start();
        await field.Handoff(HandoffState.Accepted);
        await field.Sequence();
        var (backup, root) = (Path.Combine(Path.GetTempPath(), "referralhub-test-" + Path.GetRandomFileName()), Path.Combine(Path.GetTempPath(), "referralhub-test-" + Path.GetRandomFileName()));
        try
        {
            await field.Hub.Use(db => Backup.Run(field.Hub.Services, db, backup, keys: true, verify: false, Ct));
            // As the version before would have written it.
            var (folder, manifest) = (new BackupFolder(backup), await new BackupFolder(backup).Open(Ct));
            var schema = await SetBack(Path.Combine(backup, manifest.Database));
            File.Delete(Path.Combine(backup, "backup.json"));
            folder.Finish(manifest with { Schema = schema, Files = await folder.Digests(Ct) });

            Assert.Equal(0, (await Restore.Run(root, backup, keys: null, engine: null, Ct)).Exit);

            var restored = field.Hub.In(new DataFolder(root));
            Assert.Equal(await Counts(field), await Counts(field.At(restored)));
            Assert.Null((await restored.Use(db => VerifyLogs.Run(db, restored.Keys, full: true, Ct))).Wrong);
            await restored.DisposeAsync(leaveRegistrars: true);
        }
        finally
        {
            foreach (var made in new[] { backup, root }.Where(Directory.Exists)) Directory.Delete(made, recursive: true);
        }
    }

    // Makes the tables of the schema before in a new file, fills them from this one, and puts the file in its place.
    private static async Task<string> SetBack(string file)
    {
        var earlier = file + ".earlier";
        string schema;
        await using (var db = Open(earlier))
        {
            schema = db.Database.GetMigrations().SkipLast(1).Last();
            await db.GetService<IMigrator>().MigrateAsync(schema, Ct);
            await db.Database.OpenConnectionAsync(Ct);
            await Run(db, $"ATTACH '{file}' AS later");
            await Run(db, "PRAGMA foreign_keys = OFF");
            foreach (var table in await Ask(db, "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '__EF%'"))
            {
                var columns = string.Join(", ", (await Ask(db, $"SELECT name FROM pragma_table_info('{table}', 'main')")).Select(column => $"\"{column}\""));
                await Run(db, $"DELETE FROM main.\"{table}\"");
                await Run(db, $"INSERT INTO main.\"{table}\" ({columns}) SELECT {columns} FROM later.\"{table}\"");
            }

            await Run(db, "DETACH later");
            await Run(db, "PRAGMA wal_checkpoint(TRUNCATE)");
        }

        SqliteConnection.ClearAllPools();
        foreach (var beside in new[] { file + "-wal", file + "-shm", earlier + "-wal", earlier + "-shm" }) File.Delete(beside);
        File.Move(earlier, file, overwrite: true);
        return schema;
    }

    private static HubDb Open(string file)
    {
        var store = new Sqlite(file);
        var options = new DbContextOptionsBuilder<HubDb>();
        store.Use(options);
        return new HubDb(options.Options, store, new Writer(), new Wakes(), TimeProvider.System);
    }

    private static Task<int> Run(HubDb db, string sql) => db.Database.ExecuteSqlRawAsync(sql, Ct);

    private static async Task<List<string>> Ask(HubDb db, string sql)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(Ct);
        var found = new List<string>();
        while (await reader.ReadAsync(Ct)) found.Add(reader.GetString(0));
        return found;
    }

    private static Task<(int, int, int, int)> Counts(TestField field) => field.Use(async db => (
        await db.Set<StoredStatement>().CountAsync(Ct),
        await db.Set<AuditRecord>().CountAsync(Ct),
        await db.Set<SealedPart>().CountAsync(Ct),
        await db.Set<PartRow>().CountAsync(Ct)));
}
