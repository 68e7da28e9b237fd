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
        await using var only = folder.TakeLock();
        using var passphrase = Passphrase.Read(parsed);
        using var own = OwnAgency.Unlock(folder, passphrase.Utf8);
        var unlocked = passphrase;
        own.SaveBy(() => own.Keys.Save(folder.Keys, unlocked.Utf8));
        var (binding, directory) = await LoadAsync(folder, own, ct);
        using var certificate = own.Certificate(binding.Certificates!);
        using var hub = new HubClient(new Uri(binding.Url), directory.Current.Genesis.Ca, certificate, TimeProvider.System);

        await using var app = LocalInterface.Build(folder, own, hub, directory, TimeProvider.System);
        File.Delete(folder.Socket);
        await app.StartAsync(ct);
        Console.WriteLine($"Now listening on unix:{folder.Socket} as {own.Id}, hub {binding.Url}");
        await app.WaitForShutdownAsync(ct);
        return new Stopped(own.Id.ToString());
    });

    internal static async Task<(HubBinding Binding, FollowDirectory Directory)> LoadAsync(DataFolder folder, OwnAgency own, CancellationToken ct)
    {
        await using var db = new GatewayDb(GatewayDb.At(folder.Database));
        await db.UpgradeAsync(ct);
        if (await db.Bindings.AsNoTracking().SingleOrDefaultAsync(ct) is not { Certificates: not null } binding)
            throw new CommandException("not-joined", $"--data {folder.Root}: no hub yet. Join one: referral-gateway join URL --fingerprint F --token T");

        var directory = new FollowDirectory(own.Id, own.Enrolment.PayloadDigest, TimeProvider.System, NullLogger<FollowDirectory>.Instance);
        await directory.LoadAsync(db, binding.Fingerprint, ct);
        own.RequireMatch(folder, directory.Current);
        await new PartFiles(folder).SweepAsync(db, ct);
        return (binding, directory);
    }
}
