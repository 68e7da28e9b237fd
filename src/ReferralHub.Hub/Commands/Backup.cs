using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Log;

namespace ReferralHub.Hub.Commands;

/// <summary>
/// <c>referralhub backup --to DIR</c>: everything that the hub has committed, as it is at one moment, while the server runs.
/// The keys are left out unless asked for: whoever has them can sign as the hub.
/// </summary>
internal static class Backup
{
    private static readonly Option<string> To = new("--to") { Description = "A new folder", Required = true };
    private static readonly Option<bool> WithKeys = new("--with-keys") { Description = "The hub's private keys too: keep such a backup as you keep them" };
    private static readonly Option<bool> Verify = new("--verify") { Description = "Read the copy from beginning to end and compute its logs again" };

    public static Command Make() => new Command("backup", "Copy everything the hub has, while it runs") { To, WithKeys, Verify }.Does((parse, ct) =>
        Shell.Open(parse, (services, db) => Run(services, db, parse.GetValue(To)!, parse.GetValue(WithKeys), parse.GetValue(Verify), ct)));

    internal static async Task<Answer> Run(IServiceProvider services, HubDb db, string to, bool keys, bool verify, CancellationToken ct)
    {
        var data = services.GetRequiredService<DataFolder>();
        var heads = await db.Set<LogHead>().AsNoTracking().ToDictionaryAsync(head => head.Log, head => head.ToTreeHead(), ct);
        if (heads.Count < 2) throw new SettingsException("--data", data.Root, "The hub has no genesis yet: there is nothing to keep.");

        var folder = new BackupFolder(to);
        folder.Create();
        var database = await db.Store.Copy(db, folder.Root, ct);
        foreach (var file in new[] { data.Settings, data.Engine, data.Genesis, data.CaCertificate }) await folder.Add(data, file, ct);
        if (keys)
        {
            foreach (var file in data.KeyFiles.Append(data.CaKey)) await folder.Add(data, file, ct);
        }

        if (verify && await db.Store.CheckCopy(db, Path.Combine(folder.Root, database), copy => Look(copy, services, ct), ct) is { } wrong)
            return new(new { folder = folder.Root, wrong }, $"broken: {wrong}\n{folder.Root} is no backup.", Shell.Broken);

        var schema = (await db.Database.GetAppliedMigrationsAsync(ct)).Last();
        folder.Finish(new(
            services.GetRequiredService<HubSettings>().Origin, db.Clock.GetUtcNow(), database, schema,
            heads[LogName.Directory], heads[LogName.Audit], await folder.Digests(ct)));
        return new(
            new { folder = folder.Root, audit = heads[LogName.Audit].Size, directory = heads[LogName.Directory].Size, keys, verified = verify },
            $"""
            wrote {folder.Root}: the directory to {heads[LogName.Directory].Size}, the audit log to {heads[LogName.Audit].Size}{(verify ? ", read again and good" : "")}
            {(keys ? "It holds the hub's private keys: whoever has it can sign as the hub." : $"It holds no private key: keep {Path.GetDirectoryName(data.CaKey)} elsewhere, restoring needs it.")}
            """);
    }

    private static async Task<string?> Look(HubDb copy, IServiceProvider services, CancellationToken ct) =>
        (await VerifyLogs.Run(copy, services.GetRequiredService<HubKeys>(), full: true, ct)).Wrong;
}
