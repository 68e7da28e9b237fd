using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralHub.Client;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;

namespace ReferralHub.Gateway.Commands;

/// <summary><c>serve</c>: unlocks the keys, keeps up with the hub and obeys whoever may open the socket in the data folder.</summary>
internal static class Serve
{
    /// <summary>What <c>serve</c> prints when it has stopped.</summary>
    /// <param name="Agency">The agency's id.</param>
    internal sealed record Stopped(string Agency) : Output
    {
        public override void Print(TextWriter to) => to.WriteLine($"stopped {Agency}");
    }

    public static Command Command() => Cli.OnData("serve", "Run the gateway.", [Passphrase.FileOption], async (parsed, folder, ct) =>
    {
        await using var only = LockFolder(folder);
        using var passphrase = Passphrase.Read(parsed);
        using var own = OwnAgency.Unlock(folder, passphrase.Utf8);
        var (binding, directory) = await LoadAsync(folder, own, ct);
        using var certificate = own.Certificate(binding.Certificates!);
        using var hub = new HubClient(new Uri(binding.Url), directory.Current.Genesis.Ca, certificate, TimeProvider.System);

        await using var app = LocalInterface.Build(folder, own, hub, directory, TimeProvider.System);
        File.Delete(folder.Socket);
        await app.StartAsync(ct);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder.Socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Console.WriteLine($"Now listening on unix:{folder.Socket} as {own.Id}, hub {binding.Url}");
        await app.WaitForShutdownAsync(ct);
        return new Stopped(own.Id.ToString());
    });

    private static FileStream LockFolder(DataFolder folder)
    {
        if (!System.IO.Directory.Exists(folder.Root))
            throw new CommandException("not-initialised", $"--data {folder.Root}: no such folder. Make an agency: referral-gateway init --data {folder.Root}");
        try
        {
            return new FileStream(folder.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new CommandException("running", $"--data {folder.Root}: a gateway runs here already. Stop it first.");
        }
    }

    private static async Task<(HubBinding Binding, FollowDirectory Directory)> LoadAsync(DataFolder folder, OwnAgency own, CancellationToken ct)
    {
        await using var db = new GatewayDb(GatewayDb.At(folder.Database));
        await db.Database.MigrateAsync(ct);
        if (await db.Bindings.AsNoTracking().SingleOrDefaultAsync(ct) is not { Certificates: not null } binding)
            throw new CommandException("not-joined", $"--data {folder.Root}: no hub yet. Join one: referral-gateway join URL --fingerprint F --token T");

        var directory = new FollowDirectory(own.Id, own.Enrolment.PayloadDigest, TimeProvider.System, NullLogger<FollowDirectory>.Instance);
        await directory.LoadAsync(db, binding.Fingerprint, ct);
        var named = await db.Parts.Where(p => p.Held).Select(p => p.Sha256).ToListAsync(ct);
        new PartFiles(folder).Sweep(named.ToHashSet());
        return (binding, directory);
    }
}
