using System.Diagnostics;

namespace ReferralHub.Hub;

/// <summary>
/// PostgreSQL's own programs for copies: they know every version's format, and a hub need not. They get where the server is by
/// the environment, so that no password stands on a command line.
/// </summary>
internal static class PostgresTool
{
    /// <summary>Runs one, which must be on the path.</summary>
    /// <returns>Its exit code, and the last that it said.</returns>
    /// <exception cref="SettingsException">It is not on this machine.</exception>
    public static async Task<(int Exit, string Said)> Run(PostgresSettings settings, string tool, IReadOnlyList<string> arguments, CancellationToken ct)
    {
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in Environment(settings)) start.Environment[name] = value;
        using var process = Start(start, settings);
        process.StandardInput.Close();
        var said = await process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return (process.ExitCode, said.Trim().Split('\n')[^1]);
    }

    private static Process Start(ProcessStartInfo start, PostgresSettings settings)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new SettingsException(
                "postgres.database", settings.Database,
                $"'{start.FileName}' is not on this machine, and without it nothing is copied: 'apt install postgresql-client', not older than the server, then do this again.");
        }
    }

    private static IEnumerable<(string Name, string? Value)> Environment(PostgresSettings settings)
    {
        yield return ("PGHOST", settings.Host);
        yield return ("PGPORT", $"{settings.Port}");
        yield return ("PGDATABASE", settings.Database);
        yield return ("PGUSER", settings.User);
        yield return ("PGPASSWORD", settings.PasswordFile is { } file ? ServerSettings.ReadPassword("postgres", file) : null);
        yield return ("PGSSLMODE", settings.Tls is null ? "disable" : "verify-full");
        yield return ("PGSSLROOTCERT", settings.Tls?.Ca);
        yield return ("PGSSLCERT", settings.Tls?.Certificate);
        yield return ("PGSSLKEY", settings.Tls?.Key);
        yield return ("LC_ALL", "C");
    }
}
