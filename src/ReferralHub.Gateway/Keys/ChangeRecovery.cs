using System.CommandLine;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Directory;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Gateway.Keys;

/// <summary>
/// <c>keys change-recovery --recovery-out FILE</c>: a new recovery key, on a new paper, takes the place of the old one; both
/// sign. When the old paper is lost only registrars can: then this makes the paper and says what they sign. The paper is
/// written before anybody hears of the key. The gateway must not run. Spec: docs/protocol.md §2.7, §4.2.
/// </summary>
internal static class ChangeRecovery
{
    private static readonly Option<string> NewPaper = new("--recovery-out") { Description = "A new file for the new paper: a page with a QR code if it ends in .svg, else text.", Required = true };
    private static readonly Option<string?> OldPaper = new("--recovery-file") { Description = "File with the old paper's line; typed otherwise." };
    private static readonly Option<bool> Lost = new("--lost") { Description = "The old paper is lost: only make the new one, for registrars to sign." };
    private static readonly Option<string?> Out = new("--out") { Description = "Write the signed event to this file for the operator ('agency change FILE') instead of handing it in." };

    /// <summary>What <c>keys change-recovery</c> prints.</summary>
    /// <param name="Agency">The agency.</param>
    /// <param name="Recovery">The new key's public half, 43 base64url characters.</param>
    /// <param name="Digits">Its fingerprint, to be compared anew by everybody.</param>
    /// <param name="Words">The same in twelve words.</param>
    /// <param name="Entered">Whether it counts now.</param>
    /// <param name="File">Where the event is, when the operator is to enter it.</param>
    internal sealed record Done(string Agency, string Recovery, string Digits, string Words, bool Entered, string? File) : Output
    {
        public override void Print(TextWriter to)
        {
            to.WriteLine($"recovery key: {Digits}\n  {Words}");
            to.WriteLine(Entered ? "It counts from now on: print the new paper, lock it away, destroy the file and the old paper."
                : File is not null ? $"wrote {File}: the operator enters it with 'referralhub agency change {File}'. Keep the old paper until then."
                : $"next: the operator writes 'referralhub agency draft {Agency} change-recovery --recovery {Recovery} --out FILE', and the registrars sign it once you have read the digits or words out to them");
        }
    }

    public static Command Command() => Cli.OnData(
        "change-recovery", "Replace the recovery key by a new one.", [NewPaper, OldPaper, Lost, Out, Passphrase.FileOption], async (parsed, folder, ct) =>
        {
            var (paper, file) = (parsed.GetRequiredValue(NewPaper), parsed.GetValue(Out));
            await using var gateway = await StoppedGateway.OpenAsync(parsed, folder, ct);
            if (parsed.GetValue(Lost))
            {
                using var made = RecoveryKey.Create();
                RecoveryPaper.Write(paper, gateway.Own.Id, made);
                return Tell(gateway, made.Signing.VerifyingKey, entered: false, null);
            }

            if (file is null) await gateway.RefreshAsync(ct);
            // Its paper was written before it: the one from then is good.
            if (await gateway.FindUnsentAsync(AgencyChangeCode.ChangeRecovery, ct) is { } unsent)
            {
                await gateway.HandInAsync(unsent.Entry, file, ct);
                return Tell(gateway, unsent.Change.Recovery!, file is null, file);
            }

            using var old = RecoverAgency.ReadPaper(parsed.GetValue(OldPaper));
            if (!old.Signing.VerifyingKey.Equals(gateway.Us.Recovery))
                throw new CommandException("wrong-paper", "This is not the paper of the recovery key that the directory has.");
            using var recovery = RecoveryKey.Create();
            RecoveryPaper.Write(paper, gateway.Own.Id, recovery);
            var entry = (gateway.Next(AgencyChangeCode.ChangeRecovery) with { Recovery = recovery.Signing.VerifyingKey }).Sign(old.Signing, recovery.Signing);
            await gateway.HandInAsync(entry, file, ct);
            return Tell(gateway, recovery.Signing.VerifyingKey, file is null, file);
        });

    private static Done Tell(StoppedGateway gateway, VerifyingKey recovery, bool entered, string? file)
    {
        var fingerprint = Fingerprint.Of(gateway.Directory.Current.Genesis.Origin, gateway.Own.Id, recovery);
        return new(
            gateway.Own.Id.ToString(), CanonicalBase64.Url.Encode(recovery.ToArray()), Fingerprint.Digits(fingerprint), Fingerprint.Words(fingerprint), entered, file);
    }
}
