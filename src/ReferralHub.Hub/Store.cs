using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace ReferralHub.Hub;

/// <summary>What the databases of the two engines do each in their own way. All else is the model's, and the same.</summary>
internal interface IStore
{
    /// <summary>Tells a context where its database is.</summary>
    void Use(DbContextOptionsBuilder options);

    /// <summary>
    /// Begins a write: from here to the commit nobody else writes, in whatever process, and what is read is what was committed
    /// last. So every rule may read first and then decide, and events have the order of their commits
    /// (docs/decisions/0024-one-writer-on-postgresql-too.md).
    /// </summary>
    Task<IDbContextTransaction> Begin(DbContext db, CancellationToken ct);

    /// <summary>Whether another writer was faster: it took the key, or changed the row.</summary>
    bool IsRace(DbUpdateException e);

    /// <summary>A transaction that reads one state of the database and holds up no writer, however long it takes.</summary>
    Task<DbTransaction> Snapshot(DbContext db, CancellationToken ct);

    /// <summary>Lets go of what deleted rows have left in the files.</summary>
    Task Purge(DbContext db, CancellationToken ct);

    /// <summary>
    /// Copies the database into <paramref name="folder"/>, as it is at one moment, while others go on writing. Only the owner may
    /// read the copy.
    /// </summary>
    /// <returns>The copy's file name.</returns>
    /// <exception cref="SettingsException">It cannot be copied.</exception>
    Task<string> Copy(DbContext db, string folder, CancellationToken ct);

    /// <summary>Reads a copy from beginning to end.</summary>
    /// <param name="db">The database that it was made of.</param>
    /// <param name="file">The copy.</param>
    /// <param name="look">Looks at what is in it, and says what is wrong. Where a copy cannot be asked, the database itself is.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>What is wrong, or null.</returns>
    Task<string?> CheckCopy(HubDb db, string file, Func<HubDb, Task<string?>> look, CancellationToken ct);

    /// <summary>Puts a copy in the place of a database that is not there yet.</summary>
    /// <exception cref="SettingsException">Something is there, or the copy does not go in.</exception>
    Task Load(string file, CancellationToken ct);

    /// <summary>Finds out at start what would otherwise go wrong later.</summary>
    /// <exception cref="SettingsException">The database is not one that a hub can rely on.</exception>
    Task Check(DbContext db, CancellationToken ct);

    /// <summary>The time by the clock of the machine that the database is on.</summary>
    Task<DateTimeOffset> Now(DbContext db, CancellationToken ct);

    /// <summary>What to tell the operator about what happened when the database was first used.</summary>
    SettingsException Explain(Exception trouble);

    /// <summary>Names the database, with what to do about it.</summary>
    SettingsException Wrong(string fix);
}

internal static class Stores
{
    /// <summary>
    /// Whether the database or the data folder failed: away, full, read-only, too slow. The same may go well later, and whoever asked may ask again.
    /// </summary>
    public static bool Failed(this Exception e) => e is DbException or DbUpdateException or IOException or UnauthorizedAccessException;
}
