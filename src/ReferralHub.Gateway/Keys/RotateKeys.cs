using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Commands;
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
        await using var gateway = await StoppedGateway.OpenAsync(parsed, folder, ct);
        await gateway.RefreshAsync(ct);
        var asked = new[] { (KeyUse.Encryption, parsed.GetValue(Encryption)), (KeyUse.Signing, parsed.GetValue(Signing)), (KeyUse.Tls, parsed.GetValue(Tls)) }
            .Where(pair => pair.Item2).Select(pair => pair.Item1).ToList();
        var due = asked.Count > 0 ? asked : [.. KeyAges.Of(gateway.Us, gateway.Chain).Where(k => k.IsDue(TimeProvider.System.GetUtcNow())).Select(k => k.Use).Distinct()];

        // The last first: a certificate that has nearly run out still carries the others.
        if (due.Contains(KeyUse.Encryption)) await RotateEncryptionAsync(gateway, ct);
        if (due.Contains(KeyUse.Signing)) await RotateSigningAsync(gateway, ct);
        if (due.Contains(KeyUse.Tls)) await RotateTlsAsync(gateway, ct);
        return new Done(due);
    });

    private static async Task RotateEncryptionAsync(StoppedGateway gateway, CancellationToken ct)
    {
        var keys = gateway.Own.Keys;
        // Another one than the directory has was drawn before, and the hub did not hear of it.
        if (keys.EncryptionKey.Equals(gateway.Us.Encryption))
        {
            keys.RotateEncryption(TimeProvider.System.GetUtcNow());
            gateway.Save();
        }

        await gateway.PublishAsync((gateway.Next(AgencyChangeCode.RotateEncryption) with { Encryption = keys.EncryptionKey }).Sign(keys.Signing), ct);
    }

    private static async Task RotateSigningAsync(StoppedGateway gateway, CancellationToken ct)
    {
        // What is signed and not yet sent would be refused under the new key, and what waits for a second person was sealed with the old one.
        if (await gateway.Db.Outbox.AnyAsync(ct) || await gateway.Db.Drafts.AnyAsync(ct))
            throw new CommandException("waiting", "Statements wait for the hub, or drafts for a second person: start the gateway and let them go out, then rotate.");
        var keys = gateway.Own.Keys;
        keys.BeginSigning();
        gateway.Save();
        var next = keys.NextSigning!;
        if (!next.VerifyingKey.Equals(gateway.Us.Signing))
            await gateway.PublishAsync((gateway.Next(AgencyChangeCode.RotateSigning) with { Signing = next.VerifyingKey }).Sign(keys.Signing, next), ct);
        keys.CommitSigning();
        gateway.Save();
    }

    private static async Task RotateTlsAsync(StoppedGateway gateway, CancellationToken ct)
    {
        var own = gateway.Own;
        // A key without a certificate was drawn before, and the hub's answer was lost.
        if (own.HasCertificateFor(gateway.Chain))
        {
            own.Keys.RotateTls();
            gateway.Save();
        }

        var renewed = await gateway.Hub.RenewCertificateAsync(own.RequestCertificate(), ct);
        using (own.Certificate(renewed))
        {
            // Only a certificate for our own key can be put together with it.
        }

        await gateway.Db.Write(async () => (await gateway.Db.Bindings.SingleAsync(ct)).Certificates = renewed, ct);
    }
}
