using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Keys;

/// <summary>
/// <c>keys rotate [--encryption] [--signing] [--tls]</c>: new keys take the place of old ones; without an option those that
/// are due. Each is kept before the hub hears of it, so what breaks off is run again. The gateway must not run.
/// Spec: docs/protocol.md §2.1, §4.2.
/// </summary>
internal static class RotateKeys
{
    private static readonly Option<bool> Encryption = new("--encryption") { Description = "The key that envelopes are sealed to; the old one still opens." };
    private static readonly Option<bool> Signing = new("--signing") { Description = "The key that signs statements." };
    private static readonly Option<bool> Tls = new("--tls") { Description = "The key and certificate of the connection to the hub." };

    /// <summary>What <c>keys rotate</c> prints.</summary>
    /// <param name="Rotated">Which keys are new.</param>
    internal sealed record Done(IReadOnlyList<KeyUse> Rotated) : Output
    {
        public override void Print(TextWriter to) => to.WriteLine(Rotated.Count == 0 ? "no key is due" : $"new: {string.Join(", ", Rotated.Select(Code.Text))}");
    }

    public static Command Command() => Cli.OnData("rotate", "Replace keys by new ones.", [Encryption, Signing, Tls, Passphrase.FileOption], async (parsed, folder, ct) =>
    {
        await using var only = folder.TakeLock();
        using var passphrase = Passphrase.Read(parsed);
        using var own = OwnAgency.Unlock(folder, passphrase.Utf8);
        var (binding, directory) = await Serve.LoadAsync(folder, own, ct);
        using var certificate = own.Certificate(binding.Certificates!);
        using var hub = new HubClient(new Uri(binding.Url), directory.Current.Genesis.Ca, certificate, TimeProvider.System);
        await using var db = new GatewayDb(GatewayDb.At(folder.Database));
        var asked = new[] { (KeyUse.Encryption, parsed.GetValue(Encryption)), (KeyUse.Signing, parsed.GetValue(Signing)), (KeyUse.Tls, parsed.GetValue(Tls)) }
            .Where(pair => pair.Item2).Select(pair => pair.Item1).ToList();
        var saved = passphrase;
        return new Done(await RunAsync(db, hub, own, directory, asked, () => own.Keys.Save(folder.Keys, saved.Utf8), TimeProvider.System, ct));
    });

    /// <summary>Rotates what is asked for, or what is due.</summary>
    /// <param name="db">The database.</param>
    /// <param name="hub">The hub, by our present certificate.</param>
    /// <param name="own">Who we are; its keys change.</param>
    /// <param name="directory">Loaded.</param>
    /// <param name="asked">What to rotate; what is due when none.</param>
    /// <param name="save">Keeps the keys, durably.</param>
    /// <param name="clock">The time.</param>
    /// <param name="ct">Gives up.</param>
    internal static async Task<IReadOnlyList<KeyUse>> RunAsync(
        GatewayDb db, HubClient hub, OwnAgency own, FollowDirectory directory, IReadOnlyList<KeyUse> asked, Action save, TimeProvider clock, CancellationToken ct)
    {
        await directory.RunAsync(db, hub, ct);
        await Alarms.RequireSealingAsync(db, ct);
        var us = directory.Current.Find(own.Id) ?? throw new CommandException("not-enrolled", "This agency is not in the directory yet: a registrar must sign.");
        var chain = (await db.Bindings.AsNoTracking().SingleAsync(ct)).Certificates!;
        var due = asked.Count > 0 ? asked : [.. KeyAges.Of(us, chain).Where(k => k.IsDue(clock.GetUtcNow())).Select(k => k.Use).Distinct()];

        // The last first: a certificate that has nearly run out still carries the others.
        if (due.Contains(KeyUse.Encryption)) await RotateEncryptionAsync(db, hub, own, directory, save, clock, ct);
        if (due.Contains(KeyUse.Signing)) await RotateSigningAsync(db, hub, own, directory, save, clock, ct);
        if (due.Contains(KeyUse.Tls)) await RotateTlsAsync(db, hub, own, chain, save, ct);
        return due;
    }

    private static async Task RotateEncryptionAsync(
        GatewayDb db, HubClient hub, OwnAgency own, FollowDirectory directory, Action save, TimeProvider clock, CancellationToken ct)
    {
        // Another one than the directory has was drawn before, and the hub did not hear of it.
        if (own.Keys.EncryptionKey.Equals(directory.Current.Find(own.Id)!.Encryption))
        {
            own.Keys.RotateEncryption(clock.GetUtcNow());
            save();
        }

        await PublishAsync(db, hub, own, directory, clock, c => c with { Event = AgencyChangeCode.RotateEncryption, Encryption = own.Keys.EncryptionKey }, [own.Keys.Signing], ct);
    }

    private static async Task RotateSigningAsync(
        GatewayDb db, HubClient hub, OwnAgency own, FollowDirectory directory, Action save, TimeProvider clock, CancellationToken ct)
    {
        // What is signed and not yet sent would be refused under the new key, and what waits for a second person was sealed with the old one.
        if (await db.Outbox.AnyAsync(ct) || await db.Drafts.AnyAsync(ct))
            throw new CommandException("waiting", "Statements wait for the hub, or drafts for a second person: start the gateway and let them go out, then rotate.");
        own.Keys.BeginSigning();
        save();
        var next = own.Keys.NextSigning!;
        if (!next.VerifyingKey.Equals(directory.Current.Find(own.Id)!.Signing))
            await PublishAsync(db, hub, own, directory, clock, c => c with { Event = AgencyChangeCode.RotateSigning, Signing = next.VerifyingKey }, [own.Keys.Signing, next], ct);
        own.Keys.CommitSigning();
        save();
    }

    private static async Task RotateTlsAsync(GatewayDb db, HubClient hub, OwnAgency own, string chain, Action save, CancellationToken ct)
    {
        // A key without a certificate was drawn before, and the hub's answer was lost.
        if (own.HasCertificateFor(chain))
        {
            own.Keys.RotateTls();
            save();
        }

        var request = own.RequestCertificate();
        var renewed = await hub.RenewCertificateAsync(request, ct);
        using (own.Certificate(renewed))
        {
            // Only a certificate for our own key can be put together with it.
        }

        await db.Write(async () => (await db.Bindings.SingleAsync(ct)).Certificates = renewed, ct);
    }

    private static async Task PublishAsync(
        GatewayDb db, HubClient hub, OwnAgency own, FollowDirectory directory, TimeProvider clock,
        Func<AgencyChange, AgencyChange> say, IReadOnlyList<SigningKey> signers, CancellationToken ct)
    {
        var last = directory.Current.Find(own.Id)!.Last;
        var change = say(new AgencyChange
        {
            Agency = own.Id,
            Seq = last.Seq + 1,
            Prev = last.PayloadDigest,
            IssuedAt = WireTime.Whole(clock.GetUtcNow()),
            Event = default,
        });
        var entry = change.Sign(signers);
        // Before it goes out: in the directory it must not look like a stranger's.
        await db.Write(
            async () =>
            {
                if (!await db.OwnEvents.AnyAsync(e => e.PayloadDigest == entry.PayloadDigest, ct))
                    db.OwnEvents.Add(new OwnEvent { PayloadDigest = entry.PayloadDigest, Entry = entry.ToArray(), Made = clock.GetUtcNow() });
            },
            ct);
        await hub.PostEventAsync(entry, ct);
        await directory.RunAsync(db, hub, ct);
        await Alarms.RequireSealingAsync(db, ct);
    }
}
