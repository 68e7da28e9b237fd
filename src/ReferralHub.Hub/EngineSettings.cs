using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ReferralHub.Hub.Outbox;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub;

/// <summary>
/// <c>engine.json</c> in the data folder: where the servers of the distributed engine are. Without the file the hub is the
/// embedded engine, which needs none. docs/operations.md tells operators.
/// </summary>
internal sealed record EngineSettings(PostgresSettings Postgres, RabbitSettings Rabbitmq)
{
    /// <exception cref="SettingsException">It is not of the form, or a secret cannot be read.</exception>
    public static EngineSettings Read(string file) =>
        StrictJson.TryRead<EngineSettings>(DataFolder.Read("engine", file, File.ReadAllBytes), out var settings)
            ? settings
            : throw new SettingsException("engine", file, "The file is not of the form that docs/operations.md gives.");

    /// <exception cref="SettingsException">A setting cannot be right, or a file that it names cannot be read.</exception>
    public void Check()
    {
        _ = new Postgres(Postgres);
        _ = new Broker(Rabbitmq);
    }
}

/// <param name="Host">Its name or address.</param>
/// <param name="Port">Its port.</param>
/// <param name="Database">The database, which is the hub's alone.</param>
/// <param name="User">The role that owns it.</param>
internal sealed record PostgresSettings(string Host, ushort Port, string Database, string User)
{
    /// <summary>A file with the role's password on its one line; left out when the role has a certificate.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>Needed to reach a server on another machine.</summary>
    public TlsSettings? Tls { get; init; }
}

/// <param name="Host">Its name or address.</param>
/// <param name="Port">Its port.</param>
/// <param name="VirtualHost">A virtual host that is the hub's alone.</param>
/// <param name="User">The user, which may configure, write and read everything in it.</param>
internal sealed record RabbitSettings(string Host, ushort Port, string VirtualHost, string User)
{
    /// <summary>A file with the user's password on its first line; left out when the user has a certificate.</summary>
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

    /// <summary>The certificates in a file.</summary>
    public static X509Certificate2Collection ReadAuthorities(string setting, string file) => Pem(setting + ".tls.ca", file, () =>
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(file);
        return all.Count > 0 ? all : throw new CryptographicException("no certificate");
    });

    /// <summary>The hub's own certificate with its key.</summary>
    public static X509Certificate2 ReadCertificate(string setting, string certificate, string key) =>
        Pem(setting + ".tls.certificate", certificate, () => X509Certificate2.CreateFromPemFile(certificate, key));

    /// <summary>Whether one of <paramref name="authorities"/> issued <paramref name="server"/>, which is valid now.</summary>
    public static bool IsIssuedBy(X509Certificate2 server, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(server);
    }

    private static T Pem<T>(string setting, string file, Func<T> read)
    {
        try
        {
            return DataFolder.Read(setting, file, _ => read());
        }
        catch (CryptographicException)
        {
            throw new SettingsException(setting, file, "The file is not what the setting asks for, in PEM.");
        }
    }

    private static bool IsThisMachine(string host) =>
        host == "localhost" || (System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.IsLoopback(address));
}
