using System.CommandLine;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Gateway.Commands;

/// <summary>
/// <c>init</c>: an agency makes its keys and signs the event by which it will enrol. The recovery key is shown once, for
/// paper, and is not kept; it signs now, so that joining does not need it. Spec: docs/protocol.md §2.1, §4.2.
/// </summary>
internal static class Init
{
    private static readonly Option<string> Agency = new("--agency") { Description = "The agency's id, as in police-north.", Required = true };
    private static readonly Option<AgencyKind> Kind = Cli.CodeOption<AgencyKind>("--kind", "What the agency is");
    private static readonly Option<string> Name = new("--name") { Description = "Its public name.", Required = true };
    private static readonly Option<string[]> Services = new("--service") { Description = "A service family it offers; several times for several." };
    private static readonly Option<string?> RecoveryOut = new("--recovery-out") { Description = "A new file for the recovery key's paper: a page with a QR code if it ends in .svg, else text; printed otherwise." };

    /// <summary>What <c>init</c> prints.</summary>
    /// <param name="Agency">The agency's id.</param>
    /// <param name="Recovery">The recovery key's public half, 43 base64url characters.</param>
    /// <param name="Signing">The signing key's public half, likewise.</param>
    /// <param name="Encryption">What others seal to, <c>age1pq1…</c>.</param>
    /// <param name="RecoveryFile">Where the paper's text is; null when it was printed.</param>
    internal sealed record Made(string Agency, string Recovery, string Signing, string Encryption, string? RecoveryFile) : Output
    {
        public override void Print(TextWriter to)
        {
            to.WriteLine($"agency: {Agency}");
            to.WriteLine($"recovery key: {Recovery}");
            if (RecoveryFile is not null) to.WriteLine($"Print {RecoveryFile}, lock the paper away and destroy the file.");
            to.WriteLine("next: referral-gateway join URL --fingerprint F --token T");
        }
    }

    public static Command Command() => Cli.OnData(
        "init", "Make an agency's keys.", [Agency, Kind, Name, Services, RecoveryOut, Passphrase.FileOption], async (parsed, folder, ct) =>
        {
            var agency = Cli.Name<AgencyId>("--agency", parsed.GetRequiredValue(Agency));
            var services = (parsed.GetValue(Services) ?? []).Select(text => Code.TryParse<ServiceFamily>(text, out var service)
                ? service
                : throw Cli.Malformed($"--service {text}: not one of {string.Join(", ", Enum.GetValues<ServiceFamily>().Select(Code.Text))}.")).ToArray();
            if (File.Exists(folder.Keys)) throw new CommandException("exists", $"--data {folder.Root}: there are keys already, and they are not replaced.");

            folder.Create();
            using var passphrase = Passphrase.ReadNew(parsed);
            using var recovery = RecoveryKey.Create();
            using var keys = AgencyKeys.Create(TimeProvider.System.GetUtcNow());
            var enrol = new AgencyEvent
            {
                Agency = agency,
                Seq = 0,
                IssuedAt = WireTime.Whole(TimeProvider.System.GetUtcNow()),
                Event = AgencyEventCode.Enrol,
                Kind = parsed.GetValue(Kind),
                Name = parsed.GetRequiredValue(Name),
                Recovery = recovery.Signing.VerifyingKey,
                Signing = keys.Signing.VerifyingKey,
                Encryption = keys.EncryptionKey,
                Services = services,
            };
            if (!enrol.IsWellFormed)
                throw Cli.Malformed($"--name {enrol.Name}: 2 to 80 printable ASCII characters, or --agency or --service is not allowed.");

            // The key file comes last: while it is missing, init can simply be run again.
            await using (var file = File.Create(folder.Enrolment))
            {
                await file.WriteAsync(Sign(enrol, recovery.Signing, keys.Signing).ToArray(), ct);
                file.Flush(flushToDisk: true);
            }

            ShowPaper(parsed.GetValue(RecoveryOut), agency, recovery);
            keys.Save(folder.Keys, passphrase.Utf8);
            return new Made(
                agency.ToString(), Text(enrol.Recovery), Text(enrol.Signing), enrol.Encryption.ToString(), parsed.GetValue(RecoveryOut));
        });

    internal static CoSigned Sign(AgencyEvent enrol, SigningKey recovery, SigningKey signing)
    {
        var payload = StrictJson.Write(enrol);
        return CoSigned.From([Jws.Sign(recovery, AgencyEvent.Typ, payload), Jws.Sign(signing, AgencyEvent.Typ, payload)]);
    }

    private static string Text(VerifyingKey key) => Cryptography.Encodings.CanonicalBase64.Url.Encode(key.ToArray());

    private static void ShowPaper(string? file, AgencyId agency, RecoveryKey recovery)
    {
        if (file is not null)
        {
            RecoveryPaper.Write(file, agency, recovery);
            return;
        }

        var line = recovery.ExportLine();
        Console.Error.WriteLine($"ReferralHub recovery key of {agency}. Write it down now; it is not kept and not shown again:");
        Console.Error.WriteLine(line);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(line.AsSpan()));
    }
}
