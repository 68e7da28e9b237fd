using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Identity;
using ReferralHub.Hub.Log;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Restoring;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Commands;

/// <summary>
/// <c>referralhub doctor</c>: looks at everything that an operator can put right, each in its turn, whatever the one before found.
/// It needs no server, and runs beside one. <c>config check</c> is the part that looks at files alone.
/// </summary>
internal static class Doctor
{
    private const long Room = 1L << 30;
    private const long LeastRoom = 128L << 20;
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(10);

    public static Command Make() => new Command("doctor", "Look at everything that can be wrong, and say what to do")
        .Does((parse, ct) => Run(new DataFolder(parse.GetValue(Shell.Data)!), Checks, ct));

    public static Command MakeConfigCheck() => new("config", "The hub's settings")
    {
        new Command("check", "Read all settings, keys and certificates, and name what is wrong").Does((parse, ct) =>
            Run(new DataFolder(parse.GetValue(Shell.Data)!), Checks.Take(ConfigChecks), ct)),
    };

    private const int ConfigChecks = 4;

    // Numbered in this order: a number keeps its meaning, so a new one goes to the end.
    private static readonly (string Name, Func<DataFolder, CancellationToken, Task<Finding>> Look)[] Checks =
    [
        ("settings", (data, _) => Task.FromResult(Settings(data))),
        ("engine", (data, _) => Task.FromResult(Engine(data))),
        ("folder modes", (data, _) => Task.FromResult(Modes(data))),
        ("keys and certificates", (data, _) => Task.FromResult(Keys(data))),
        ("disk room", (data, _) => Task.FromResult(Disk(data))),
        ("database", (data, ct) => InDatabase(data, (services, db) => Database(services, db, ct))),
        ("clock", (data, ct) => InDatabase(data, (_, db) => Clock(db, ct))),
        ("logs", (data, ct) => InDatabase(data, (services, db) => Logs(services, db, ct))),
        ("heads", (data, ct) => InDatabase(data, (_, db) => Heads(db, ct))),
        ("waiting events", (data, ct) => InDatabase(data, (_, db) => Waiting(db, ct))),
        ("outbox", (data, ct) => InDatabase(data, (_, db) => Outbox(db, ct))),
        ("parked messages", (data, ct) => InDatabase(data, (_, db) => Parked(db, ct))),
        ("broker", CheckBroker),
        ("restoration", (data, ct) => InDatabase(data, (_, db) => Restored(db, ct))),
    ];

    internal static Task<Answer> Run(DataFolder data, CancellationToken ct) => Run(data, Checks, ct);

    private static async Task<Answer> Run(DataFolder data, IEnumerable<(string Name, Func<DataFolder, CancellationToken, Task<Finding>> Look)> checks, CancellationToken ct)
    {
        var found = new List<(int Number, string Name, Finding Finding)>();
        foreach (var (index, (name, look)) in checks.Index()) found.Add((index + 1, name, await Look(() => look(data, ct))));
        var worst = found.Max(f => f.Finding.Severity);
        return new(
            found.Select(f => new { number = f.Number, check = f.Name, severity = Code.Text(f.Finding.Severity), found = f.Finding.Found, fix = f.Finding.Fix }),
            string.Join('\n', found.Select(f => string.Create(
                CultureInfo.InvariantCulture, $"{f.Number,2} {f.Name}: {Code.Text(f.Finding.Severity)}: {f.Finding.Found}{(f.Finding.Fix is { } fix ? $"\n     {fix}" : "")}"))),
            worst switch { Severity.Good => 0, Severity.Advice => Shell.Advice, Severity.Broken => Shell.Broken });
    }

    // Each on its own: what keeps one from looking keeps no other.
    private static async Task<Finding> Look(Func<Task<Finding>> look)
    {
        try
        {
            return await look();
        }
        catch (Exception e) when (e is SettingsException or AdmissionException)
        {
            return new(Severity.Broken, e.Message);
        }
        catch (Exception e) when (e.Failed() || e is IOException or UnauthorizedAccessException or InvalidDataException or InvalidOperationException)
        {
            return Finding.Broken($"it could not be looked at ({e.GetType().Name}: {e.Message})", "Put right what the checks before name.");
        }
    }

    private static Task<Finding> InDatabase(DataFolder data, Func<IServiceProvider, HubDb, Task<Finding>> look) => Shell.Open(data, look);

    private static Finding Settings(DataFolder data)
    {
        var settings = data.ReadSettings();
        return Finding.Good($"{settings.Origin} at {settings.Url}");
    }

    private static Finding Engine(DataFolder data)
    {
        if (data.ReadEngine() is not { } engine) return Finding.Good("embedded: everything is in the data folder");
        engine.Check();
        return Finding.Good($"distributed: PostgreSQL at {engine.Postgres.Host}, RabbitMQ at {engine.Rabbitmq.Host}");
    }

    private static Finding Modes(DataFolder data)
    {
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        if ((File.GetUnixFileMode(data.Root) & others) != 0) return Finding.Broken($"others may enter {data.Root}", $"chmod 700 {data.Root}");
        return data.KeyFiles.Append(data.CaKey).FirstOrDefault(file => File.Exists(file) && (File.GetUnixFileMode(file) & others) != 0) is { } open
            ? Finding.Broken($"others may read {open}", $"chmod 600 {open}")
            : Finding.Good("only the owner may enter");
    }

    private static Finding Keys(DataFolder data)
    {
        using var keys = HubKeys.Load(data, data.ReadSettings().Origin);
        using var ca = CertificateAuthority.Load(data);
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(data.CaCertificate);
        var left = certificate.NotAfter.ToUniversalTime() - TimeProvider.System.GetUtcNow().UtcDateTime;
        return left > TimeSpan.FromDays(365)
            ? Finding.Good($"all there; the CA's certificate runs out {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}")
            : Finding.Advice($"the CA's certificate runs out {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}", "Plan a new hub with its agencies: genesis names this CA for good.");
    }

    private static Finding Disk(DataFolder data)
    {
        var free = new DriveInfo(data.Root).AvailableFreeSpace;
        var text = $"{free >> 20} MiB are free under {data.Root}";
        return free < LeastRoom ? Finding.Broken(text, "Make room now: soon nothing is accepted.")
            : free < Room ? Finding.Advice(text, "Make room: uploads and the database grow.")
            : Finding.Good(text);
    }

    private static async Task<Finding> Database(IServiceProvider services, HubDb db, CancellationToken ct)
    {
        var applied = (await db.Database.GetAppliedMigrationsAsync(ct)).Last();
        await KeyMatch.Require(services, db, ct);
        return Finding.Good($"reachable, at {applied}, and these keys are its own");
    }

    private static async Task<Finding> Clock(HubDb db, CancellationToken ct)
    {
        var now = db.Clock.GetUtcNow();
        var skew = await db.Store.Now(db, ct) - now;
        if (skew.Duration() > ClockSkew) return Finding.Advice($"this clock and the database server's differ by {skew.TotalSeconds:0} s", "Set both by NTP (chrony or systemd-timesyncd).");
        var last = await db.EventTime(ct);
        return last > now + ClockSkew
            ? Finding.Advice($"the last event is of {WireTime.Text(last)}, ahead of this clock", "Set the clock by NTP: until it has caught up all events get that time.")
            : Finding.Good($"{WireTime.Text(now)}");
    }

    private static async Task<Finding> Logs(IServiceProvider services, HubDb db, CancellationToken ct)
    {
        var found = await VerifyLogs.Run(db, services.GetRequiredService<HubKeys>(), full: false, ct);
        return found.Wrong is { } wrong
            ? Finding.Broken(wrong, "Stop the server and keep this folder as it is; restore the last backup elsewhere (docs/operations.md, Restoring).")
            : Finding.Good($"{found.Directory} directory entries and {found.Audit} events are under their signed heads");
    }

    private static async Task<Finding> Heads(HubDb db, CancellationToken ct)
    {
        var oldest = await db.Set<LogHead>().MinAsync(h => h.Cosigned, ct);
        return db.Clock.GetUtcNow() - oldest > Late
            ? Finding.Advice($"a head was last cosigned {WireTime.Text(oldest)}", "Start the server, or see its log: gateways warn after an hour and stop sealing after a day.")
            : Finding.Good($"cosigned {WireTime.Text(oldest)}");
    }

    private static async Task<Finding> Waiting(HubDb db, CancellationToken ct)
    {
        var queue = db.Set<AuditRecord>().AsNoTracking().Where(r => r.Index == null);
        if (await queue.OrderBy(r => r.Id).Select(r => r.Event).FirstOrDefaultAsync(ct) is not { } first) return Finding.Good("every event has its place in the log");
        var (count, since) = (await queue.CountAsync(ct), AuditRecord.Read(first).At);
        return db.Clock.GetUtcNow() - since > Late
            ? Finding.Broken($"{count} events wait for their place in the log, the oldest since {WireTime.Text(since)}", "Start the server, or see its log: while events wait longer than 15 s nothing is accepted.")
            : Finding.Good($"{count} events wait for their place in the log");
    }

    private static async Task<Finding> Outbox(HubDb db, CancellationToken ct)
    {
        var count = await db.Set<OutboxMessage>().CountAsync(ct);
        if (count == 0) return Finding.Good("no message waits");
        var oldest = await db.Set<OutboxMessage>().MinAsync(m => m.Created, ct);
        return db.Clock.GetUtcNow() - oldest > Late
            ? Finding.Advice($"{count} messages wait, the oldest since {WireTime.Text(oldest)}", "Start the server, or see what the checks 'parked messages' and 'broker' say: agencies are not told meanwhile.")
            : Finding.Good($"{count} messages wait, the oldest since {WireTime.Text(oldest)}");
    }

    private static async Task<Finding> Parked(HubDb db, CancellationToken ct)
    {
        var count = await db.Set<ParkedMessage>().CountAsync(ct);
        return count == 0
            ? Finding.Good("none")
            : Finding.Broken($"{count} messages could not be taken, and their streams stand still", "See 'referralhub outbox parked', find the cause, then 'outbox retry' or 'outbox drop'.");
    }

    private static async Task<Finding> CheckBroker(DataFolder data, CancellationToken ct)
    {
        if (data.ReadEngine() is not { } engine) return Finding.Good("the embedded engine needs none");
        var messages = Messages.Of(Notifications.Module.Messages);
        var broker = new Broker(engine.Rabbitmq);
        if (await broker.Check(messages, ct) is { } away) return new(Severity.Advice, away.Message, "The hub accepts everything meanwhile; messages wait in the outbox.");
        return await broker.FindDeadLetters(messages, ct) is { } dead
            ? Finding.Broken(dead, "Find the cause in the log, then move them back with rabbitmqadmin or a shovel: what was done already is not done twice.")
            : Finding.Good("reachable, new enough, and its queues are of the right type");
    }

    private static async Task<Finding> Restored(HubDb db, CancellationToken ct) => await Restoration.Gathering(db, ct) is null
        ? Finding.Good("the hub does not wait for anything")
        : Finding.Advice("the hub was restored and gathers what agencies hold; it takes nothing else", "See 'referralhub restore status', then 'restore open'.");
}
