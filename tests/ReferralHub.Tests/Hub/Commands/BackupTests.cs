using System.Runtime.Versioning;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub;
using ReferralHub.Hub.Commands;
using ReferralHub.Protocol.Handoffs;

namespace ReferralHub.Tests.Hub.Commands;

[UnsupportedOSPlatform("windows"), Trait("store", "each")]
public sealed class BackupTests
{
    private const UnixFileMode Others = (UnixFileMode)0b000_111_111;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backup_is_whole_verified_and_its_owners_alone()
    {
        await using var field = await TestField.Start();
        await field.Handoff(HandoffState.Accepted);
        await field.Sequence();
        using var folder = new Folder();

        var answer = await field.Hub.Use(db => Backup.Run(field.Hub.Services, db, folder.Path, keys: false, verify: true, Ct));

        Assert.Equal(0, answer.Exit);
        var manifest = await new BackupFolder(folder.Path).Open(Ct);
        Assert.Equal(new[] { "ca.pem", "genesis.json", manifest.Database, "hub.json" }.Order(), manifest.Files.Keys.Where(name => name != "engine.json").Order());
        Assert.True(manifest.Audit.Size > 0);
        foreach (var path in Directory.EnumerateFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).Append(folder.Path))
            Assert.Equal((path, UnixFileMode.None), (path, File.GetUnixFileMode(path) & Others));
    }

    [Fact]
    public async Task Keys_are_in_it_only_when_asked_for()
    {
        await using var hub = await TestHub.Start();
        using var folder = new Folder();

        await hub.Use(db => Backup.Run(hub.Services, db, folder.Path, keys: true, verify: false, Ct));

        var names = (await new BackupFolder(folder.Path).Open(Ct)).Files.Keys;
        Assert.Equal(hub.Data.KeyFiles.Append(hub.Data.CaKey).Select(file => Path.GetRelativePath(hub.Data.Root, file)).Order(), names.Where(name => name.StartsWith("keys/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_was_changed_in_a_backup_is_named()
    {
        await using var hub = await TestHub.Start();
        using var folder = new Folder();
        await hub.Use(db => Backup.Run(hub.Services, db, folder.Path, keys: false, verify: false, Ct));

        await File.AppendAllTextAsync(Path.Combine(folder.Path, "hub.json"), " ", Ct);
        Assert.Contains("hub.json", (await Assert.ThrowsAsync<SettingsException>(() => new BackupFolder(folder.Path).Open(Ct))).Message, StringComparison.Ordinal);

        File.Delete(Path.Combine(folder.Path, "backup.json"));
        Assert.Contains("no backup", (await Assert.ThrowsAsync<SettingsException>(() => new BackupFolder(folder.Path).Open(Ct))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_backup_is_written_over()
    {
        await using var hub = await TestHub.Start();
        using var folder = new Folder();
        Directory.CreateDirectory(folder.Path);

        var error = await Assert.ThrowsAsync<SettingsException>(() => hub.Use(db => Backup.Run(hub.Services, db, folder.Path, keys: false, verify: false, Ct)));

        Assert.StartsWith($"--to = '{folder.Path}': ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_is_broken_makes_no_backup()
    {
        await using var field = await TestField.Start();
        await field.Sequence();
        using var folder = new Folder();
        await field.Use(db => db.Set<ReferralHub.Hub.Audit.AuditRecord>().Where(r => r.Index == 1).ExecuteUpdateAsync(set => set.SetProperty(r => r.Opening, new byte[32]), Ct));

        var answer = await field.Hub.Use(db => Backup.Run(field.Hub.Services, db, folder.Path, keys: false, verify: true, Ct));

        Assert.Equal(Shell.Broken, answer.Exit);
        Assert.Contains("another root", answer.Text, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SettingsException>(() => new BackupFolder(folder.Path).Open(Ct));
    }

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "referralhub-backup-" + System.IO.Path.GetRandomFileName());

        public void Dispose()
        {
            if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
        }
    }
}
