using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ReferralHub.Hub;
using ReferralHub.Hub.Commands;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Identity;

namespace ReferralHub.Tests.Hub.Commands;

/// <summary>Whatever is wrong with the folder is said before the server listens: the setting, its value, what to do.</summary>
public sealed class ServeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hub_as_it_was_made_starts()
    {
        await using var hub = await TestHub.Start();

        await Prepare(hub);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_key_that_is_missing_cut_off_or_another_is_named(int which)
    {
        await using var hub = await TestHub.Start();
        var file = hub.Data.KeyFiles[which];

        await File.WriteAllBytesAsync(file, RandomNumberGenerator.GetBytes(32), Ct);
        await Refused(hub, "keys", Path.GetDirectoryName(file)!, "restore the ones that belong to this database");
        await File.WriteAllBytesAsync(file, new byte[31], Ct);
        await Refused(hub, "key", file, "restore it from the backup");
        File.Delete(file);
        await Refused(hub, "key", file, "restore it from the backup");
    }

    [Fact]
    public async Task A_ca_that_is_missing_broken_or_another_is_named()
    {
        await using var hub = await TestHub.Start();
        await using var other = await TestHub.Start();
        var (key, certificate) = (hub.Data.CaKey, hub.Data.CaCertificate);

        File.Copy(other.Data.CaKey, key, overwrite: true);
        await Refused(hub, "CA", key, "restore both from the backup");
        File.Copy(other.Data.CaCertificate, certificate, overwrite: true);
        await Refused(hub, "CA", certificate, "restore the one that belongs to this database");
        await File.WriteAllTextAsync(certificate, "no certificate", Ct);
        await Refused(hub, "CA", key, "restore both from the backup");
        await File.WriteAllTextAsync(key, "no key", Ct);
        await Refused(hub, "CA", key, "restore both from the backup");
        File.Delete(key);
        await Refused(hub, "CA", key, "restore it from the backup");
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named()
    {
        await using var hub = await TestHub.Start();
        SqliteConnection.ClearAllPools();
        File.Delete(hub.Data.Database + "-wal");
        await File.WriteAllBytesAsync(hub.Data.Database, RandomNumberGenerator.GetBytes(8192), Ct);

        await Refused(hub, "--data", hub.Data.Database, "restore it from the backup");
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_left_alone()
    {
        await using var hub = await TestHub.Start();
        await hub.Use(db => db.Database.ExecuteSqlAsync($"INSERT INTO __EFMigrationsHistory VALUES ('29990101000000_Later', '99')", Ct));

        await Refused(hub, "--data", hub.Data.Database, "run that one");
    }

    [Fact]
    public async Task A_hub_without_genesis_says_what_comes_next()
    {
        await using var hub = await TestHub.Start();
        await hub.Use(db => db.Database.ExecuteSqlAsync($"DELETE FROM log_heads", Ct));

        var error = await Assert.ThrowsAsync<AdmissionException>(() => Prepare(hub));

        Assert.Contains("run 'genesis complete'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_is_broken_is_told_with_its_entry()
    {
        await using var hub = await TestHub.Start();
        await hub.Use(db => db.Database.ExecuteSqlAsync($"UPDATE directory_entries SET bytes = X'00'", Ct));

        var error = await Assert.ThrowsAsync<AdmissionException>(() => Prepare(hub));

        Assert.Contains("Entry 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_are_missing_or_broken_are_named()
    {
        await using var hub = await TestHub.Start();

        await File.WriteAllTextAsync(hub.Data.Settings, "{}", Ct);
        Assert.StartsWith($"--data = '{hub.Data.Settings}': ", Assert.Throws<SettingsException>(() => hub.Data.ReadSettings()).Message, StringComparison.Ordinal);
        File.Delete(hub.Data.Settings);
        Assert.StartsWith($"--data = '{hub.Data.Root}': ", Assert.Throws<SettingsException>(() => hub.Data.ReadSettings()).Message, StringComparison.Ordinal);
    }

    private static async Task Refused(TestHub hub, string setting, string value, string fix)
    {
        var message = (await Assert.ThrowsAsync<SettingsException>(() => Prepare(hub))).Message;
        Assert.StartsWith($"{setting} = '{value}': ", message, StringComparison.Ordinal);
        Assert.Contains(fix, message, StringComparison.Ordinal);
    }

    // With services of its own, as a process that starts.
    private static async Task Prepare(TestHub hub)
    {
        var services = new ServiceCollection().AddLogging().AddHub(hub.Data);
        services.AddSingleton(_ => CertificateAuthority.Load(hub.Data));
        await using var provider = services.BuildServiceProvider();
        await using var scope = provider.CreateAsyncScope();
        await Serve.Prepare(scope.ServiceProvider, Ct);
    }
}
