using System.CommandLine;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralHub.Client;
using ReferralHub.Gateway.Alerts;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Commands;

/// <summary>How bad a finding is.</summary>
internal enum Severity
{
    Good,

    /// <summary>It works, and somebody should do something about it.</summary>
    Advice,

    /// <summary>It does not work.</summary>
    Broken,
}

/// <summary>
/// <c>doctor</c>: looks at everything that can be put right here, each in its turn, whatever the one before found. Needs no
/// passphrase, and runs beside the gateway.
/// </summary>
internal static class Doctor
{
    private const long Room = 1L << 30;
    private const long LeastRoom = 128L << 20;
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(60);

    /// <summary>What one check found.</summary>
    /// <param name="Number">Its number, which keeps its meaning.</param>
    /// <param name="Check">Its name.</param>
    /// <param name="Severity">How bad it is.</param>
    /// <param name="Found">What is so.</param>
    /// <param name="Fix">What to do; null when nothing is to be done.</param>
    internal sealed record Finding(int Number, string Check, Severity Severity, string Found, string? Fix);

    /// <summary>What <c>doctor</c> prints.</summary>
    /// <param name="Findings">One for each check.</param>
    internal sealed record Report(IReadOnlyList<Finding> Findings) : Output
    {
        public override int ExitCode() => Findings.Max(f => f.Severity) switch { Severity.Good => Exit.Good, Severity.Advice => Exit.Advice, Severity.Broken => Exit.Broken };

        public override void Print(TextWriter to)
        {
            foreach (var f in Findings)
            {
                to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{f.Number,2} {f.Check}: {Code.Text(f.Severity)}: {f.Found}"));
                if (f.Fix is not null) to.WriteLine($"     {f.Fix}");
            }
        }
    }

    private delegate Task<(Severity Severity, string Found, string? Fix)> Look(DataFolder folder, TimeProvider clock, CancellationToken ct);

    // Numbered in this order: a new one goes to the end.
    private static (string Name, Look Look)[] Checks(HubClient? client) =>
    [
        ("folder modes", (folder, _, _) => Task.FromResult(Modes(folder))),
        ("disk room", (folder, _, _) => Task.FromResult(Disk(folder))),
        ("database", (folder, _, ct) => InDatabase(folder, async db => Good($"at {(await db.Database.GetAppliedMigrationsAsync(ct)).Last()}"), ct)),
        ("hub", (folder, clock, ct) => ReachHub(folder, client, clock, ct)),
        ("directory and clock", (folder, clock, ct) => InDatabase(folder, db => Directory(db, clock, ct), ct)),
        ("feed", (folder, clock, ct) => InDatabase(folder, db => Feed(db, clock, ct), ct)),
        ("keys", (folder, clock, ct) => InDatabase(folder, db => Keys(folder, db, clock, ct), ct)),
        ("waiting statements", (folder, _, ct) => InDatabase(folder, db => Waiting(db, ct), ct)),
        ("alarms", (folder, _, ct) => InDatabase(folder, db => Alarms(db, ct), ct)),
        ("alerts", (folder, _, _) => Task.FromResult(Alerts(folder))),
    ];

    public static Command Command() => Cli.OnData("doctor", "Look at everything that can be wrong, and say what to do.", [], async (_, folder, ct) => await RunAsync(folder, client: null, TimeProvider.System, ct));

    /// <param name="folder">The gateway's.</param>
    /// <param name="client">How the hub is reached; null: as a stranger, at the address that was joined.</param>
    /// <param name="clock">The time.</param>
    /// <param name="ct">Gives up.</param>
    internal static async Task<Report> RunAsync(DataFolder folder, HubClient? client, TimeProvider clock, CancellationToken ct)
    {
        if (!System.IO.Directory.Exists(folder.Root)) throw new CommandException("not-initialised", $"--data {folder.Root}: no such folder. Make an agency: referral-gateway init --data {folder.Root}");
        var found = new List<Finding>();
        foreach (var (index, (name, look)) in Checks(client).Index())
        {
            var (severity, what, fix) = await LookAsync(() => look(folder, clock, ct));
            found.Add(new(index + 1, name, severity, what, fix));
        }

        return new(found);
    }

    // Each on its own: what keeps one from looking keeps no other.
    private static async Task<(Severity Severity, string Found, string? Fix)> LookAsync(Func<Task<(Severity Severity, string Found, string? Fix)>> look)
    {
        try
        {
            return await look();
        }
        catch (CommandException e)
        {
            return (Severity.Broken, e.Error, e.Message);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return (Severity.Broken, $"it could not be looked at ({e.GetType().Name}: {e.Message})", "See that the gateway's user owns the folder and the disk has room, or put the backup back.");
        }
    }

    private static async Task<(Severity Severity, string Found, string? Fix)> InDatabase(
        DataFolder folder, Func<GatewayDb, Task<(Severity Severity, string Found, string? Fix)>> look, CancellationToken ct)
    {
        if (!File.Exists(folder.Database)) throw NotJoined(folder);
        await using var db = new GatewayDb(GatewayDb.At(folder.Database));
        await db.UpgradeAsync(ct);
        return await db.Bindings.AnyAsync(b => b.Certificates != null, ct) ? await look(db) : throw NotJoined(folder);
    }

    private static CommandException NotJoined(DataFolder folder) => new("not-joined", $"--data {folder.Root}: no hub yet. Join one: referral-gateway join URL --fingerprint F --token T");

    private static (Severity Severity, string Found, string? Fix) Good(string found) => (Severity.Good, found, null);

    private static (Severity Severity, string Found, string? Fix) Modes(DataFolder folder)
    {
        if (OperatingSystem.IsWindows()) return Good("Windows keeps rights of its own");
        const UnixFileMode others = (UnixFileMode)0b000_111_111;
        if ((File.GetUnixFileMode(folder.Root) & others) != 0) return (Severity.Broken, $"others may enter {folder.Root}", $"chmod 700 {folder.Root}");
        return File.Exists(folder.Keys) && (File.GetUnixFileMode(folder.Keys) & others) != 0
            ? (Severity.Broken, $"others may read {folder.Keys}", $"chmod 600 {folder.Keys}")
            : Good("only the owner may enter");
    }

    private static (Severity Severity, string Found, string? Fix) Disk(DataFolder folder)
    {
        var free = new DriveInfo(folder.Root).AvailableFreeSpace;
        var text = $"{free >> 20} MiB are free under {folder.Root}";
        return free < LeastRoom ? (Severity.Broken, text, "Make room now: soon nothing can be sealed or fetched.") : free < Room ? (Severity.Advice, text, "Make room.") : Good(text);
    }

    private static Task<(Severity Severity, string Found, string? Fix)> ReachHub(DataFolder folder, HubClient? client, TimeProvider clock, CancellationToken ct) => InDatabase(
        folder,
        async db =>
        {
            var (binding, genesis) = (await db.Bindings.AsNoTracking().SingleAsync(ct), (await Follow(folder, db, ct)).Current.Genesis);
            using var stranger = client is null ? new HubClient(new Uri(binding.Url), genesis.Ca, certificate: null, clock) : null;
            try
            {
                await (client ?? stranger!).GetGenesisAsync(ct);
                return Good($"{binding.Url} answers, and is the hub that we joined");
            }
            catch (Exception e) when (e is HubUnreachableException or HubRefusedException or HubAnswerException)
            {
                return (Severity.Advice, e.Message, $"See that this machine reaches {binding.Url}; else call the hub's operator. What is said here waits meanwhile.");
            }
        },
        ct);

    private static async Task<(Severity Severity, string Found, string? Fix)> Directory(GatewayDb db, TimeProvider clock, CancellationToken ct)
    {
        var (seen, now) = ((await db.LogHeads.AsNoTracking().SingleOrDefaultAsync(h => h.Log == HubLog.Directory, ct))?.CosignedAt, clock.GetUtcNow());
        if (seen > now + Ahead) return (Severity.Broken, $"the hub confirmed the directory {WireTime.Text(seen.Value)}, ahead of this clock", "Set the clock by NTP (chrony or systemd-timesyncd).");
        return FollowDirectory.Warning(seen, now) is { } warning ? (Severity.Advice, warning, "Start the gateway, and see the check 'hub'.") : Good($"confirmed {WireTime.Text(seen!.Value)}");
    }

    private static async Task<(Severity Severity, string Found, string? Fix)> Feed(GatewayDb db, TimeProvider clock, CancellationToken ct)
    {
        var read = (await db.Bindings.AsNoTracking().SingleAsync(ct)).FeedReadAt;
        return read is { } at && clock.GetUtcNow() - at <= Late
            ? Good($"read {WireTime.Text(at)}")
            : (Severity.Advice, read is { } last ? $"last read {WireTime.Text(last)}" : "never read", "Start the gateway, and see the check 'hub': nothing is opened when a revocation could have been outrun.");
    }

    private static async Task<(Severity Severity, string Found, string? Fix)> Keys(DataFolder folder, GatewayDb db, TimeProvider clock, CancellationToken ct)
    {
        var follow = await Follow(folder, db, ct);
        var (binding, agency) = (await db.Bindings.AsNoTracking().SingleAsync(ct), OwnAgency.ReadEnrolment(folder).Event.Agency);
        if (follow.Current.Find(agency) is not { } us) return (Severity.Advice, "the directory does not have this agency yet", "A registrar must sign its enrolment: referral-gateway status.");
        return KeyAges.Advice(KeyAges.Of(us, binding.Certificates!), clock.GetUtcNow()) is { } advice ? (Severity.Advice, "some are due", advice) : Good("none is due");
    }

    private static async Task<(Severity Severity, string Found, string? Fix)> Waiting(GatewayDb db, CancellationToken ct)
    {
        var tried = await Gateway.Directory.Alarms.Waiting(db).Where(o => o.Attempts > 0).OrderByDescending(o => o.Attempts).FirstOrDefaultAsync(ct);
        var count = await Gateway.Directory.Alarms.Waiting(db).CountAsync(ct);
        return tried is null
            ? Good($"{count} wait")
            : (Severity.Advice, $"{count} wait, one after {tried.Attempts} attempts: {tried.LastError}", "See the check 'hub'; they go by themselves once it answers.");
    }

    private static async Task<(Severity Severity, string Found, string? Fix)> Alarms(GatewayDb db, CancellationToken ct)
    {
        var codes = await Gateway.Directory.Alarms.Standing(db).Select(a => a.Code).Distinct().ToListAsync(ct);
        return codes.Count == 0
            ? Good("none stands")
            : (Severity.Broken, string.Join(' ', codes.Select(Code.Text)), "See what each asks for: referral-gateway alarms.");
    }

    private static (Severity Severity, string Found, string? Fix) Alerts(DataFolder folder) => AlertSettings.Read(folder) is not null
        ? Good("alerts.json reads well")
        : (Severity.Advice, "nobody is told of anything", $"Write {folder.AlertSettings} (docs/operations.md, Alerts of a gateway).");

    private static async Task<FollowDirectory> Follow(DataFolder folder, GatewayDb db, CancellationToken ct)
    {
        var (entry, enrol) = OwnAgency.ReadEnrolment(folder);
        var follow = new FollowDirectory(enrol.Agency, entry.PayloadDigest, TimeProvider.System, NullLogger<FollowDirectory>.Instance);
        await follow.LoadAsync(db, (await db.Bindings.AsNoTracking().SingleAsync(ct)).Fingerprint, ct);
        return follow;
    }
}
