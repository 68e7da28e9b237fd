using System.Data;
using System.Data.Common;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace ReferralHub.Hub;

/// <summary>How the distributed engine uses PostgreSQL. What is peculiar to it stands here and nowhere else.</summary>
internal sealed class Postgres : IStore
{
    /// <summary>The oldest that the tests run on.</summary>
    public const int OldestVersion = 15;

    // Of this database alone: any number that nobody else there uses. "refhub" in ASCII.
    private const long WriterLock = 0x726566687562;

    // synchronous_commit: what was answered 2xx is on the disk, whatever the server's own default is.
    // The two timeouts: a process that was stopped inside a write holds up the others no longer than SQLite's busy_timeout.
    private const string Session = "-c synchronous_commit=on -c lock_timeout=10s -c idle_in_transaction_session_timeout=10s";

    private readonly PostgresSettings _settings;
    private readonly string _connection;

    /// <exception cref="SettingsException">A setting cannot be right, or a file cannot be read.</exception>
    public Postgres(PostgresSettings settings)
    {
        _settings = settings;
        ServerSettings.RequireTls("postgres", settings.Host, settings.Tls);
        _connection = new NpgsqlConnectionStringBuilder
        {
            Host = settings.Host,
            Port = settings.Port,
            Database = settings.Database,
            Username = settings.User,
            Password = settings.PasswordFile is { } file ? ServerSettings.ReadPassword("postgres", file) : null,
            SslMode = settings.Tls is null ? SslMode.Disable : SslMode.VerifyFull,
            RootCertificate = settings.Tls?.Ca,
            SslCertificate = settings.Tls?.Certificate,
            SslKey = settings.Tls?.Key,
            ApplicationName = "referralhub",
            Options = Session,
            Timeout = Limits.StoreSeconds,
            CommandTimeout = Limits.StoreSeconds,
            MaxPoolSize = Limits.StoreConnections,
            MaxAutoPrepare = 64,
            NoResetOnClose = true, // nothing of ours outlasts its transaction
            GssEncryptionMode = GssEncryptionMode.Disable,
        }.ToString();
    }

    // The default strategy hides the database's exception in one that only advises to try again by itself.
    public void Use(DbContextOptionsBuilder options) =>
        options.UseNpgsql(_connection, npgsql => npgsql.ExecutionStrategy(use => new NonRetryingExecutionStrategy(use)));

    // Read Committed, so that each statement after the lock sees what was committed before it was granted: a snapshot for the
    // whole transaction would be of the time before. The lock ends with the transaction, however that ends.
    public async Task<IDbContextTransaction> Begin(DbContext db, CancellationToken ct)
    {
        var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        try
        {
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({WriterLock})", ct);
            return transaction;
        }
        catch
        {
            await transaction.DisposeAsync();
            throw;
        }
    }

    public bool IsRace(DbUpdateException e) => e is DbUpdateConcurrencyException || e.InnerException is PostgresException
    {
        SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected,
    };

    public async Task<DbTransaction> Snapshot(DbContext db, CancellationToken ct)
    {
        var snapshot = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        return snapshot.GetDbTransaction();
    }

    // PostgreSQL overwrites nothing: what was deleted is free to be used again, and in the write-ahead log until that goes round.
    public Task Purge(DbContext db, CancellationToken ct) => db.Database.ExecuteSqlRawAsync("VACUUM part_rows, audit_events, statements", ct);

    public async Task<string> Copy(DbContext db, string folder, CancellationToken ct)
    {
        const string name = "hub.pgdump";
        var file = Path.Combine(folder, name);
        DataFolder.WriteSecret(file, []);
        var (exit, said) = await PostgresTool.Run(_settings, "pg_dump", ["--format=custom", "--no-owner", "--no-privileges", $"--file={file}"], ct);
        return exit == 0 ? name : throw Wrong($"pg_dump ended with {exit}: {said}");
    }

    public async Task<string?> CheckCopy(HubDb db, string file, Func<HubDb, Task<string?>> look, CancellationToken ct)
    {
        var (exit, said) = await PostgresTool.Run(_settings, "pg_restore", ["--file=/dev/null", file], ct);
        return exit == 0 ? await look(db) : $"pg_restore ended with {exit}: {said}";
    }

    public async Task Load(string file, CancellationToken ct)
    {
        string[] arguments = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", $"--dbname={_settings.Database}", file];
        var (exit, said) = await PostgresTool.Run(_settings, "pg_restore", arguments, ct);
        if (exit != 0) throw Wrong($"pg_restore ended with {exit}: {said}. It needs a new, empty database of this role's own.");
    }

    public async Task Check(DbContext db, CancellationToken ct)
    {
        await db.Database.OpenConnectionAsync(ct);
        try
        {
            var connection = (NpgsqlConnection)db.Database.GetDbConnection();
            CheckVersion(connection.PostgreSqlVersion, Address);
            if (await Show("fsync") != "on")
                throw new SettingsException("postgres.host", Address, "The server runs with fsync off and would lose what was accepted: set fsync = on in postgresql.conf.");
            if (await Show("in_hot_standby") == "on")
                throw new SettingsException("postgres.host", Address, "It is a standby that cannot be written: give the primary.");

            async Task<string?> Show(string setting)
            {
                await using var command = new NpgsqlCommand($"SHOW {setting}", connection);
                return (string?)await command.ExecuteScalarAsync(ct);
            }
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    public async Task<DateTimeOffset> Now(DbContext db, CancellationToken ct) =>
        DateTimeOffset.FromUnixTimeMilliseconds((await db.Database.SqlQueryRaw<long>("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS \"Value\"").ToListAsync(ct)).Single());

    public SettingsException Explain(Exception trouble) => trouble switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
            new("postgres.user", _settings.User, "PostgreSQL does not let it in: put right the user, its password file or certificate, or pg_hba.conf."),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
            Wrong($"There is no such database: make it with 'createdb --owner {_settings.User} {_settings.Database}', or give another."),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } =>
            new("postgres.user", _settings.User, $"It may not make tables in the database: let it own {_settings.Database}."),
        PostgresException refused =>
            Wrong($"It cannot be used ({refused.SqlState} {refused.MessageText}): see the log of PostgreSQL."),
        { InnerException: AuthenticationException tls } =>
            new("postgres.tls", _settings.Host, $"The server's certificate is not accepted ({tls.Message}): give the CA that issued it, for this host name."),
        { InnerException: SocketException or TimeoutException } or SocketException or TimeoutException =>
            new("postgres.host", Address, $"Nothing answers there ({(trouble.InnerException ?? trouble).Message}): start PostgreSQL, or give the host and port where it listens."),
        _ => new("postgres.host", Address, $"What answers there does not speak as PostgreSQL does ({trouble.Message}): give the host and port of PostgreSQL {OldestVersion} or newer."),
    };

    public SettingsException Wrong(string fix) => new("postgres.database", _settings.Database, fix);

    /// <exception cref="SettingsException">Nobody has tried the hub on it.</exception>
    internal static void CheckVersion(Version version, string address)
    {
        if (version.Major < OldestVersion)
            throw new SettingsException("postgres.host", address, $"PostgreSQL {version} is too old: give {OldestVersion} or newer.");
    }

    private string Address => $"{_settings.Host}:{_settings.Port}";
}
