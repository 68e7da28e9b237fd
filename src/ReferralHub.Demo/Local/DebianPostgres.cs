using ReferralHub.Demo.Servers;

namespace ReferralHub.Demo.Local;

/// <summary>PostgreSQL of Debian, run as docker-compose.yml says.</summary>
internal sealed class DebianPostgres(string folder, ComposeService service, string settings, string secrets) : Server(folder, "postgres", "postgres")
{
    // The newest that is installed.
    private static readonly string Programs = Path.Combine(
        Directory.EnumerateDirectories("/usr/lib/postgresql").MaxBy(path => int.Parse(Path.GetFileName(path), null))!, "bin");

    protected override string PidFile => Path.Combine(Data, "postmaster.pid");

    private string Data => Path.Combine(Folder, "data");

    private string Password => Path.Combine(Folder, "postgres-password");

    private string PasswordsFile => Path.Combine(Folder, "pgpass");

    // Its socket is in its own folder.
    private Places Places => new(
        ("/var/lib/postgresql/data", Data),
        ("unix_socket_directories=/var/run/postgresql", $"unix_socket_directories={Folder}"),
        ("/etc/referralhub", Folder),
        ("/run/secrets", Folder),
        ("listen_addresses=*", "listen_addresses=127.0.0.1"),
        ("port=5432", $"port={Port}"));

    /// <summary>Makes what the image makes at its first start: the data, the hub's role and its database.</summary>
    public async Task Make(CancellationToken ct)
    {
        foreach (var secret in service.Secrets) File.Copy(Path.Combine(secrets, secret), Path.Combine(Folder, secret));
        foreach (var file in (string[])["pg_hba.conf", "hub.sql"]) File.Copy(Path.Combine(settings, file), Path.Combine(Folder, file));
        // Where psql looks for the password: in no environment and on no command line.
        await File.WriteAllTextAsync(PasswordsFile, $"*:*:*:postgres:{File.ReadLines(Password).First()}\n", ct);
        File.SetUnixFileMode(PasswordsFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await Own(ct);
        await Run(Path.Combine(Programs, "initdb"), ["-D", Data, "-U", "postgres", "-A", "scram-sha-256", $"--pwfile={Password}", "-E", "UTF8", "--locale=C.UTF-8"], ct);
        await Start(ct);
        await Run(Path.Combine(Programs, "psql"), ["-v", "ON_ERROR_STOP=1", "-q", "-h", Folder, "-p", $"{Port}", "-U", "postgres", "-f", Path.Combine(Folder, "hub.sql")], ct);
    }

    /// <summary>Asks it as its health check does; throws when it is not well.</summary>
    public Task Check(CancellationToken ct) => Run("env", Places.Here(service.Healthcheck.Command), ct);

    protected override IEnumerable<string> CommandLine() => Places.Here(service.Command);

    protected override IEnumerable<(string Name, string Value)> Environs() =>
    [
        ("PATH", $"{Programs}:{Environment.GetEnvironmentVariable("PATH")}"),
        ("PGPASSFILE", PasswordsFile),
    ];

    protected override Task<bool> Answers(CancellationToken ct) => Succeeds(Check, ct);
}
