using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub;

/// <summary>Something that the operator set is wrong. The message names the setting, its value and what to do.</summary>
internal sealed class SettingsException(string setting, string value, string fix) : Exception($"{setting} = '{value}': {fix}");

/// <summary>What <c>init</c> fixed for good.</summary>
/// <param name="Origin">The hub's name in its logs.</param>
/// <param name="Url">Where agencies reach it: <c>https://host:port</c>.</param>
/// <param name="Names">Host names and addresses that the server's certificate is for.</param>
internal sealed record HubSettings(Origin Origin, string Url, IReadOnlyList<string> Names);

/// <summary>Where the hub keeps everything. The folder and all in it belong to the hub's user alone.</summary>
internal sealed class DataFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerOnly | UnixFileMode.UserExecute;

    public DataFolder(string root) => Root = Path.GetFullPath(root);

    public string Root { get; }
    public string Database => In("hub.db");
    public string Settings => In("hub.json");
    public string Engine => In("engine.json");
    public string Genesis => In("genesis.json");
    public string Spool => In("spool");
    public string Logs => In("log");
    public string CaCertificate => In("ca.pem");
    public string CaKey => In("keys/ca.key");
    public string Lock => In("serve.lock");

    /// <summary>Statement key, directory log, audit log, cosigner.</summary>
    public IReadOnlyList<string> KeyFiles =>
        [In("keys/statements.seed"), In("keys/directory-log.seed"), In("keys/audit-log.seed"), In("keys/cosigner.seed")];

    /// <summary>Makes the folder.</summary>
    /// <exception cref="SettingsException">There is a hub already.</exception>
    public static DataFolder Create(string root)
    {
        var data = new DataFolder(root);
        if (File.Exists(data.Settings)) throw new SettingsException("--data", data.Root, "There is a hub already: choose another folder.");
        foreach (var folder in new[] { data.Root, data.In("keys"), data.Spool, data.Logs })
            System.IO.Directory.CreateDirectory(folder, OwnerFolder);
        // An existing folder keeps the mode it had.
        File.SetUnixFileMode(data.Root, OwnerFolder);
        return data;
    }

    /// <exception cref="SettingsException">There is no hub in it, or its settings cannot be read.</exception>
    public HubSettings ReadSettings()
    {
        if (!File.Exists(Settings)) throw new SettingsException("--data", Root, "There is no hub here: run 'referralhub init' first.");
        return StrictJson.TryRead<HubSettings>(Read("--data", Settings, File.ReadAllBytes), out var settings)
            ? settings
            : throw new SettingsException("--data", Settings, "The file is not as 'init' wrote it: restore it from the backup.");
    }

    /// <summary>Where the servers of the distributed engine are; null for the embedded one.</summary>
    /// <exception cref="SettingsException">The file is there and cannot be read.</exception>
    public EngineSettings? ReadEngine() => File.Exists(Engine) ? EngineSettings.Read(Engine) : null;

    public void WriteSettings(HubSettings settings) => File.WriteAllBytes(Settings, StrictJson.Write(settings));

    /// <summary>Reads a file that the hub cannot do without.</summary>
    /// <exception cref="SettingsException">It is not there or not to be read.</exception>
    public static T Read<T>(string setting, string path, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException(setting, path, $"The file cannot be read ({e.GetType().Name}): run the hub as the user that owns it, or restore it from the backup.");
        }
    }

    /// <summary>Writes a file that only the owner can read, and never over another.</summary>
    public static void WriteSecret(string path, ReadOnlySpan<byte> content)
    {
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        });
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    private string In(string name) => Path.Combine(Root, name);
}
