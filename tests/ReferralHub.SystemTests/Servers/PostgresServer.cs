using System.Security.Cryptography;
using Npgsql;
using ReferralHub.Demo.Servers;

namespace ReferralHub.SystemTests.Servers;

/// <summary>Debian's PostgreSQL.</summary>
internal sealed class PostgresServer(string folder) : Server(folder, "postgres", "postgres")
{
    public const string User = "hub";

    // The newest that is installed.
    private static readonly string Programs = Directory.EnumerateDirectories("/usr/lib/postgresql").MaxBy(path => int.Parse(Path.GetFileName(path), null)) + "/bin/";

    private bool _made;

    public string PasswordFile => Path.Combine(Folder, "password");

    protected override string PidFile => Path.Combine(Data, "postmaster.pid");

    private string Data => Path.Combine(Folder, "data");

    /// <summary>Makes the server's data, and starts it.</summary>
    public async Task Make(CancellationToken ct)
    {
        await File.WriteAllTextAsync(PasswordFile, Convert.ToHexString(RandomNumberGenerator.GetBytes(16)), ct);
        await Own(ct);
        await Run(Programs + "initdb", ["-D", Data, "-U", User, "-A", "scram-sha-256", $"--pwfile={PasswordFile}", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], ct);
        _made = true;
        await Start(ct);
    }

    /// <summary>Makes a database.</summary>
    public Task Make(string database, CancellationToken ct) => Ask($"CREATE DATABASE {database}", "postgres", ct);

    /// <summary>Runs one statement as the hub's role and returns its first value.</summary>
    public async Task<object?> Ask(string sql, string database, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = Port,
            Database = database,
            Username = User,
            Password = await File.ReadAllTextAsync(PasswordFile, ct),
            Pooling = false,
            CommandTimeout = 120,
        });
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(ct);
    }

    // A checkpoint in the middle of the tests would only make them slow.
    protected override IEnumerable<string> CommandLine() =>
    [
        Programs + "postgres", "-D", Data, "-c", "listen_addresses=127.0.0.1", "-c", $"port={Port}", "-c", $"unix_socket_directories={Folder}",
        "-c", "max_wal_size=4GB", "-c", "checkpoint_timeout=1h", "-c", "max_connections=300", "-c", "logging_collector=off",
    ];

    protected override async Task<bool> Answers(CancellationToken ct)
    {
        if (!_made || !await base.Answers(ct)) return false;
        try
        {
            return await Ask("SELECT 1", "postgres", ct) is 1;
        }
        catch (NpgsqlException)
        {
            return false; // it is still coming up
        }
    }
}
