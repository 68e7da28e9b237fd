using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Log;
using ReferralHub.Hub.Restoring;
using ReferralHub.Hub.Statements;

namespace ReferralHub.Hub.Commands;

/// <summary>
/// <c>referralhub restore …</c>: makes a hub of a backup. It continues no audit log: it gathers what agencies hold, and opens a new
/// one. Spec: docs/protocol.md §4.7, docs/operations.md.
/// </summary>
internal static class Restore
{
    private static readonly Option<string> From = new("--from") { Description = "The backup", Required = true };
    private static readonly Option<string?> Keys = new("--keys") { Description = "The folder with the hub's private keys, when the backup is without" };
    private static readonly Option<string?> Engine = new("--engine") { Description = "Another engine.json than the backup's: where the new, empty database is" };
    private static readonly Option<string[]> Without = new("--without") { Description = "Do not wait for this agency; once for each" };

    public static Command Make()
    {
        var restore = new Command("restore", "Make a hub of a backup, in a new folder") { From, Keys, Engine };
        restore.Does((parse, ct) => Run(parse.GetValue(Shell.Data)!, parse.GetValue(From)!, parse.GetValue(Keys), parse.GetValue(Engine), ct));
        restore.Add(new Command("status", "Which agencies have shown what they hold").Does((parse, ct) =>
            Shell.OpenRestored(parse, (services, db) => Status(services, db, ct))));
        restore.Add(new Command("open", "Open the new audit log with all that came back") { Without }.Does((parse, ct) =>
            Shell.OpenRestored(parse, (services, db) => Open(services, db, parse.GetValue(Without) ?? [], ct))));
        return restore;
    }

    internal static async Task<Answer> Run(string root, string from, string? keys, string? engine, CancellationToken ct)
    {
        var folder = new BackupFolder(from);
        var manifest = await folder.Open(ct);
        keys ??= Path.Combine(folder.Root, "keys");
        var data = DataFolder.Create(root);
        foreach (var file in data.KeyFiles.Append(data.CaKey)) Copy("--keys", Path.Combine(keys, Path.GetFileName(file)), file);
        foreach (var file in new[] { data.Genesis, data.CaCertificate }) Copy("--from", Path.Combine(folder.Root, Path.GetFileName(file)), file);
        var engineFile = engine ?? Path.Combine(folder.Root, Path.GetFileName(data.Engine));
        if (File.Exists(engineFile)) Copy("--engine", engineFile, data.Engine);

        await using var services = new ServiceCollection().AddLogging().AddHub(data).BuildServiceProvider(true);
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<HubDb>();
        await db.Store.Load(Path.Combine(folder.Root, manifest.Database), ct);
        await Shell.Prepare(db, ct);
        await Verify(services, folder, manifest, data, ct);
        var heads = await db.Set<LogHead>().AsNoTracking().ToDictionaryAsync(head => head.Log, ct);
        await db.Write(
            async write =>
            {
                // Of one that was broken off before, and of a backup made while another was gathering.
                await db.Set<Restoration>().Where(r => r.Opened == null).ExecuteDeleteAsync(write);
                await db.Set<HandedIn>().ExecuteDeleteAsync(write);
                await db.Set<Attendance>().ExecuteDeleteAsync(write);
                db.Add(new Restoration { Number = heads[LogName.Audit].Number + 1, Backup = manifest.At, Directory = heads[LogName.Directory].Size });
            },
            ct);
        // Last: a folder with settings is a hub, and from now on it knows that it was restored.
        Copy("--from", Path.Combine(folder.Root, Path.GetFileName(data.Settings)), data.Settings);
        return new(
            new { data = data.Root, log = heads[LogName.Audit].Number + 1, audit = heads[LogName.Audit].Size, directory = heads[LogName.Directory].Size },
            $"""
            restored {data.Root}: the directory to {heads[LogName.Directory].Size}, the audit log to {heads[LogName.Audit].Size}
            now      referralhub serve --data {data.Root}: agencies show it what they hold; it takes nothing else
            see      referralhub restore status --data {data.Root}
            then     referralhub restore open --data {data.Root}
            """);
    }

    internal static async Task<Answer> Status(IServiceProvider services, HubDb db, CancellationToken ct)
    {
        var restoration = await RequireGathering(services, db, ct);
        var directory = (await services.GetRequiredService<Agencies>().Now(db, ct)).Entries;
        var (missing, here) = (await Reopen.Missing(db, directory, ct), await db.Set<Attendance>().AsNoTracking().OrderBy(a => a.Agency).ToListAsync(ct));
        var (brought, former) = (await db.Set<HandedIn>().CountAsync(ct), here.Max(a => a.Size) ?? 0);
        return new(
            new { log = restoration.Number, directory = directory.Size, former, statements = brought, done = here.Where(a => a.Done).Select(a => a.Agency.ToString()), missing = missing.Select(a => a.ToString()) },
            $"""
            {brought} statements came back; the directory has {directory.Size} entries; the audit log had at least {former} events
            done     {string.Join(' ', here.Where(a => a.Done).Select(a => a.Agency))}
            missing  {string.Join(' ', missing)}
            """,
            missing.Count == 0 ? 0 : Shell.Advice);
    }

    internal static async Task<Answer> Open(IServiceProvider services, HubDb db, IReadOnlyList<string> without, CancellationToken ct)
    {
        await RequireGathering(services, db, ct);
        var agencies = services.GetRequiredService<Agencies>();
        var missing = (await Reopen.Missing(db, (await agencies.Now(db, ct)).Entries, ct)).Select(agency => agency.ToString()).ToList();
        if (without.Except(missing).FirstOrDefault() is { } stranger)
            throw new SettingsException("--without", stranger, "It is not missing: see 'restore status'.");
        if (missing.Except(without).ToList() is { Count: > 0 } awaited)
        {
            throw new SettingsException(
                "--without", string.Join(' ', without),
                $"{string.Join(", ", awaited)} {(awaited.Count == 1 ? "has" : "have")} not shown what they hold. Wait while the hub runs, or name each that will not come: what only they have comes back later, at the time at which it does.");
        }

        var opened = await Reopen.Run(db, services.GetRequiredService<HubKeys>(), agencies, services.GetRequiredService<Intake>(), ct);
        var (former, aside) = (opened.Former, opened.Aside.Select(id => id.ToString()).ToList());
        return new(
            new { log = opened.Number, former = former.Origin, size = former.Size, kept = former.Kept, returned = former.Returned, aside },
            $"""
            opened audit log {opened.Number}: {former.Origin} had at least {former.Size} events, of which {former.Kept} were in the backup and {former.Returned} came back
            {aside.Count} statements were brought that prove nothing or fit nowhere{string.Concat(aside.Select(id => $"\n  {id}"))}
            invitations, certificates of agencies that wait, and suspensions by the operator since the backup are gone: make them again
            """);
    }

    private static async Task Verify(IServiceProvider services, BackupFolder folder, BackupManifest manifest, DataFolder data, CancellationToken ct)
    {
        await using var scope = services.CreateAsyncScope();
        using var keys = HubKeys.Load(data, manifest.Origin);
        if ((await VerifyLogs.Run(scope.ServiceProvider.GetRequiredService<HubDb>(), keys, full: true, ct)).Wrong is { } wrong)
            throw new SettingsException("--from", folder.Root, $"Its database is not whole: {wrong}. Take another backup.");
    }

    private static async Task<Restoration> RequireGathering(IServiceProvider services, HubDb db, CancellationToken ct) =>
        await Restoration.Gathering(db, ct)
        ?? throw new SettingsException("--data", services.GetRequiredService<DataFolder>().Root, "It does not wait for anything: it was not restored, or its log is open.");

    private static void Copy(string option, string from, string to)
    {
        if (!File.Exists(from)) throw new SettingsException(option, from, "There is no such file: give the folder of the hub's private keys with --keys, or another backup.");
        DataFolder.WriteSecret(to, DataFolder.Read(option, from, File.ReadAllBytes));
    }
}
