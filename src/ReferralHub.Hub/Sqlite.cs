using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ReferralHub.Hub;

/// <summary>How the embedded engine uses SQLite. What is peculiar to it stands here and nowhere else.</summary>
internal static class Sqlite
{
    public static void Use(DbContextOptionsBuilder options, string file) => options
        .UseSqlite(new SqliteConnectionStringBuilder { DataSource = file, ForeignKeys = true }.ToString())
        .AddInterceptors(new Pragmas());

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
