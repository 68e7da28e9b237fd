using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Commands;

/// <summary>What a backup says of itself: <c>backup.json</c>, written last. A folder without it is none.</summary>
/// <param name="Origin">Whose it is.</param>
/// <param name="At">When it was made.</param>
/// <param name="Database">The database's copy.</param>
/// <param name="Schema">The last migration that the database had.</param>
/// <param name="Directory">The directory that is in it, at least.</param>
/// <param name="Audit">The audit log that is in it, at least.</param>
/// <param name="Files">All files with their digests.</param>
internal sealed record BackupManifest(
    Origin Origin, DateTimeOffset At, string Database, string Schema, TreeHead Directory, TreeHead Audit, IReadOnlyDictionary<string, Digest> Files);

/// <summary>A backup: one folder that only its owner may enter. Spec: docs/operations.md.</summary>
internal sealed class BackupFolder(string root)
{
    private const UnixFileMode OwnerFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const string Manifest = "backup.json";

    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>Makes the folder.</summary>
    /// <exception cref="SettingsException">Something is there already.</exception>
    public void Create()
    {
        if (Path.Exists(Root)) throw new SettingsException("--to", Root, "It exists: name a new folder, so that no backup is ever written over.");
        System.IO.Directory.CreateDirectory(Root, OwnerFolder);
    }

    /// <summary>Copies a file of the data folder, which need not be there.</summary>
    public async Task Add(DataFolder data, string file, CancellationToken ct)
    {
        if (!File.Exists(file)) return;
        var name = Path.GetRelativePath(data.Root, file);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Root, name))!, OwnerFolder);
        DataFolder.WriteSecret(Path.Combine(Root, name), await File.ReadAllBytesAsync(file, ct));
    }

    /// <summary>The digest of each file but the manifest, by its name in the folder.</summary>
    public async Task<IReadOnlyDictionary<string, Digest>> Digests(CancellationToken ct)
    {
        var digests = new SortedDictionary<string, Digest>(StringComparer.Ordinal);
        foreach (var path in System.IO.Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(Root, path);
            if (name == Manifest) continue;
            await using var file = File.OpenRead(path);
            digests.Add(name, Digest.From(await System.Security.Cryptography.SHA256.HashDataAsync(file, ct)));
        }

        return digests;
    }

    /// <summary>Makes it one.</summary>
    public void Finish(BackupManifest manifest) => DataFolder.WriteSecret(Path.Combine(Root, Manifest), StrictJson.Write(manifest));

    /// <summary>Reads it and compares every file.</summary>
    /// <exception cref="SettingsException">It is none, or a file is not as it was.</exception>
    public async Task<BackupManifest> Open(CancellationToken ct)
    {
        var path = Path.Combine(Root, Manifest);
        if (!File.Exists(path)) throw new SettingsException("--from", Root, $"It has no {Manifest}, so it is no backup, or one that was broken off: give another.");
        if (!StrictJson.TryRead<BackupManifest>(DataFolder.Read("--from", path, File.ReadAllBytes), out var manifest))
            throw new SettingsException("--from", path, "It is not as 'backup' wrote it: take another backup.");
        var found = await Digests(ct);
        if (manifest.Files.FirstOrDefault(file => !found.TryGetValue(file.Key, out var digest) || digest != file.Value).Key is { } broken)
            throw new SettingsException("--from", Path.Combine(Root, broken), "The file is not as 'backup' wrote it: take another backup.");
        return manifest;
    }
}
