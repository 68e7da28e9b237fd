using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ReferralHub.Gateway;

/// <summary>Sets on every connection what SQLite does not keep in the file.</summary>
internal sealed class Pragmas : DbConnectionInterceptor
{
    // FULL: a commit survives a power cut. secure_delete: what is deleted is gone from the file.
    private const string Sql = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;";

    public static Pragmas Interceptor { get; } = new();

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Sql;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
