using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Keys;

/// <summary><c>keys list</c>: our keys with their ages, and what to do about them; needs neither the hub nor a passphrase.</summary>
internal static class ListKeys
{
    /// <summary>One key.</summary>
    /// <param name="Key">The key.</param>
    /// <param name="Stale">Whether it should have been rotated.</param>
    internal sealed record Listed(KeyAge Key, bool Stale);

    /// <summary>What <c>keys list</c> prints.</summary>
    /// <param name="Keys">All that the directory has of ours, and the certificate.</param>
    /// <param name="Advice">What to do; null when all is well.</param>
    internal sealed record All(IReadOnlyList<Listed> Keys, string? Advice) : Output
    {
        public override int ExitCode() => Advice is null ? Exit.Good : Exit.Advice;

        public override void Print(TextWriter to)
        {
            foreach (var (key, stale) in Keys)
            {
                var name = key.Key.Length > 20 ? key.Key[..20] + "…" : key.Key;
                var end = key.Revoked ? "revoked" : key.Retired ? "retired" : $"rotate before {WireTime.Text(key.Until)}{(stale ? ", STALE" : "")}";
                to.WriteLine($"{Code.Text(key.Use),-10}  {name}  since {WireTime.Text(key.Since)}  {end}");
            }

            if (Advice is not null) to.WriteLine($"next: {Advice}");
        }
    }

    public static Command Command() => Cli.OnData("list", "Show the agency's keys and their ages.", [], async (_, folder, ct) => await ReadAsync(folder, TimeProvider.System, ct));

    internal static async Task<All> ReadAsync(DataFolder folder, TimeProvider clock, CancellationToken ct)
    {
        var (entry, enrol) = OwnAgency.ReadEnrolment(folder);
        await using var db = new GatewayDb(GatewayDb.At(folder.Database));
        await db.UpgradeAsync(ct);
        if (await db.Bindings.AsNoTracking().SingleOrDefaultAsync(ct) is not { Certificates: { } chain } binding)
            throw new CommandException("not-joined", $"--data {folder.Root}: no hub yet. Join one: referral-gateway join URL --fingerprint F --token T");
        var follow = new FollowDirectory(enrol.Agency, entry.PayloadDigest, clock, NullLogger<FollowDirectory>.Instance);
        await follow.LoadAsync(db, binding.Fingerprint, ct);
        var us = follow.Current.Find(enrol.Agency) ?? throw new CommandException("not-enrolled", "This agency is not in the directory yet: a registrar must sign.");
        var keys = KeyAges.Of(us, chain);
        return new([.. keys.Select(k => new Listed(k, k.IsStale(clock.GetUtcNow())))], KeyAges.Advice(keys, clock.GetUtcNow()));
    }
}
