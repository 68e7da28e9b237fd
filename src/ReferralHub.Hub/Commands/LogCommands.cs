using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Log;

namespace ReferralHub.Hub.Commands;

/// <summary><c>referralhub log …</c>: how far the logs are, and whether they are whole.</summary>
internal static class LogCommands
{
    private static readonly Option<bool> Full = new("--full") { Description = "Also open every leaf of the audit log" };

    public static Command Make() => new("log", "The hub's two logs")
    {
        new Command("status", "How far the logs are").Does((parse, ct) => Shell.Open(parse, (_, db) => Status(db, parse.GetValue(Shell.Data)!, ct))),
        new Command("verify", "Recompute the logs from what is stored") { Full }.Does((parse, ct) => Shell.Open(parse, async (services, db) =>
        {
            var found = await VerifyLogs.Run(db, services.GetRequiredService<HubKeys>(), parse.GetValue(Full), ct);
            return found.Wrong is { } wrong
                ? new Answer(found, $"broken: {wrong}", Shell.Broken)
                : new Answer(found, $"good: {found.Directory} directory entries, {found.Audit} audit events, {found.Opened} of them opened, {found.Erased} erased");
        })),
    };

    internal static async Task<Answer> Status(HubDb db, string folder, CancellationToken ct)
    {
        var heads = await db.Set<LogHead>().AsNoTracking().ToDictionaryAsync(h => h.Log, ct);
        if (heads.Count < 2) throw new SettingsException("--data", folder, "The hub has no genesis yet: run 'referralhub genesis complete'.");
        var waiting = await db.Set<AuditRecord>().CountAsync(r => r.Index == null, ct);
        var (directory, audit) = (heads[LogName.Directory], heads[LogName.Audit]);
        return new(
            new { directory = Describe(directory), audit = Describe(audit), waiting },
            $"directory {directory.Size} {directory.Root}\naudit     {audit.Size} {audit.Root}\nwaiting   {waiting}");
    }

    private static object Describe(LogHead head) => new { size = head.Size, root = head.Root.ToString(), cosigned = head.Cosigned };
}
