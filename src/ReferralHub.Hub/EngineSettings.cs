using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub;

/// <summary>
/// <c>engine.json</c> in the data folder: where the servers of the distributed engine are. Without the file the hub is the
/// embedded engine, which needs none. docs/operations.md tells operators.
/// </summary>
internal sealed record EngineSettings(PostgresSettings Postgres)
{
    /// <exception cref="SettingsException">It is not of the form, or a secret cannot be read.</exception>
    public static EngineSettings Read(string file) =>
        StrictJson.TryRead<EngineSettings>(DataFolder.Read("engine", file, File.ReadAllBytes), out var settings)
            ? settings
            : throw new SettingsException("engine", file, "The file is not of the form that docs/operations.md gives.");
}

/// <param name="Host">Its name or address.</param>
/// <param name="Port">Its port.</param>
/// <param name="Database">The database, which is the hub's alone.</param>
/// <param name="User">The role that owns it.</param>
internal sealed record PostgresSettings(string Host, int Port, string Database, string User)
{
    /// <summary>A file with the role's password on its one line; left out when the role has a certificate.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>Needed to reach a server on another machine.</summary>
    public TlsSettings? Tls { get; init; }
}

/// <param name="Ca">PEM: who may have issued the server's certificate, which must be for the host.</param>
internal sealed record TlsSettings(string Ca)
{
    /// <summary>PEM: the hub's own certificate, by which the server knows it.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM: its key.</summary>
    public string? Key { get; init; }
}

/// <summary>What is asked of a server on another machine, and of the files that name secrets.</summary>
internal static class ServerSettings
{
    /// <exception cref="SettingsException">The line would carry everything in the clear.</exception>
    public static void RequireTls(string setting, string host, TlsSettings? tls)
    {
        if (tls is null && !IsThisMachine(host))
            throw new SettingsException($"{setting}.host", host, $"It is another machine, so give {setting}.tls with the CA of its certificate.");
        if (tls is not null && (tls.Certificate is null) != (tls.Key is null))
            throw new SettingsException($"{setting}.tls", host, "Give 'certificate' and 'key' both, or none of them.");
    }

    /// <summary>The first line of a secret's file.</summary>
    public static string ReadPassword(string setting, string file) =>
        DataFolder.Read($"{setting}.passwordFile", file, File.ReadLines).FirstOrDefault() is { Length: > 0 } password
            ? password
            : throw new SettingsException($"{setting}.passwordFile", file, "The file is empty: write the password into its first line.");

    private static bool IsThisMachine(string host) =>
        host == "localhost" || (System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.IsLoopback(address));
}
