using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Gateway.Keys;

/// <summary>
/// Destroys encryption keys 30 days after their retirement: no referral that was sealed to them lives longer, and what is
/// here is sealed to the storage key, or its file key is. Whoever takes the key file later opens nothing that was recorded on
/// the wire. A crash in between leaves the key for the next look. Spec: docs/protocol.md §2.1, §2.7.
/// </summary>
internal sealed class DestroyKeys(OwnAgency own, PartFiles files, TimeProvider clock)
{
    /// <summary>Days that a retired key lives on.</summary>
    public const int Days = 30;

    /// <summary>Destroys what has had its time.</summary>
    /// <returns>How many keys.</returns>
    public async Task<int> RunAsync(GatewayDb db, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var dying = own.Keys.Encryption.Where(e => e.RetiredAt is { } at && at.AddDays(Days) <= now).ToList();
        if (dying.Count == 0) return 0;

        await db.Write(
            async () =>
            {
                await SealAnewAsync(db, ct);
                await KeepFileKeysAsync(db, [.. dying.Select(e => e.Identity)], ct);
            },
            ct);
        own.Keys.Destroy(dying);
        own.Save();
        return dying.Count;
    }

    // Every column that holds what is sealed to ourselves is named so; which do, the model says.
    private async Task SealAnewAsync(GatewayDb db, CancellationToken ct)
    {
        var columns = db.Model.GetEntityTypes().SelectMany(
            type => type.GetProperties().Where(p => p.ClrType == typeof(byte[]) && p.Name.StartsWith("Sealed", StringComparison.Ordinal)),
            (type, property) => (Table: type.GetTableName()!, Column: property.GetColumnName()));
        foreach (var (table, column) in columns)
        {
            foreach (var (row, kept) in await ReadAsync(db, table, column, ct))
            {
                if (SelfSealed.TrySealAnew(own.Keys, kept) is not { } anew) continue;
                await using var update = Command(db, $"UPDATE \"{table}\" SET \"{column}\" = $sealed WHERE rowid = $row");
                update.Parameters.AddWithValue("$sealed", anew);
                update.Parameters.AddWithValue("$row", row);
                await update.ExecuteNonQueryAsync(ct);
            }
        }
    }

    private async Task KeepFileKeysAsync(GatewayDb db, IReadOnlyList<AgeIdentity> dying, CancellationToken ct)
    {
        var known = await db.FileKeys.Select(k => k.Sha256).ToHashSetAsync(ct);
        var here = await db.Parts.Where(p => p.Held).Select(p => p.Sha256).Union(db.Copies.Select(c => c.Sha256)).ToListAsync(ct);
        foreach (var part in here.Where(part => !known.Contains(part)))
        {
            if (KeyOf(part, dying) is not { } key) continue;
            db.FileKeys.Add(new KeptFileKey { Sha256 = part, SealedKey = SelfSealed.Seal(own.Keys, key) });
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private byte[]? KeyOf(Digest part, IReadOnlyList<AgeIdentity> dying)
    {
        using var file = files.Open(part);
        var key = GC.AllocateUninitializedArray<byte>(KnownFileKey.Size, pinned: true);
        return AgeReader.TryUnwrap(file, dying, AgeLimits.Wire, key) ? key : null;
    }

    private static async Task<IReadOnlyList<(long Row, byte[] Kept)>> ReadAsync(GatewayDb db, string table, string column, CancellationToken ct)
    {
        await using var select = Command(db, $"SELECT rowid, \"{column}\" FROM \"{table}\" WHERE \"{column}\" IS NOT NULL");
        await using var reader = await select.ExecuteReaderAsync(ct);
        var rows = new List<(long, byte[])>();
        while (await reader.ReadAsync(ct)) rows.Add((reader.GetInt64(0), await reader.GetFieldValueAsync<byte[]>(1, ct)));
        return rows;
    }

    // Names come from the model, never from a person.
    private static SqliteCommand Command(GatewayDb db, string text)
    {
        var command = ((SqliteConnection)db.Database.GetDbConnection()).CreateCommand();
        (command.CommandText, command.Transaction) = (text, (SqliteTransaction)db.Database.CurrentTransaction!.GetDbTransaction());
        return command;
    }
}
