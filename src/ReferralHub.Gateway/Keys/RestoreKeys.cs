using System.CommandLine;
using ReferralHub.Gateway.Commands;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Gateway.Keys;

/// <summary>
/// <c>keys restore FILE</c>: takes the encryption keys of a backup that <c>keys export</c> made into the key file, retired, so
/// that what was sealed to them opens again. The gateway must not run. Spec: docs/protocol.md §2.7.
/// </summary>
internal static class RestoreKeys
{
    private static readonly Argument<string> Backup = new("FILE") { Description = "The backup." };
    private static readonly Option<string?> BackupPassphrase = new("--backup-passphrase-file") { Description = "File with the backup's passphrase; asked for otherwise." };

    /// <summary>What <c>keys restore</c> prints.</summary>
    /// <param name="Restored">Keys that were not here.</param>
    /// <param name="Known">Keys that were here already.</param>
    internal sealed record Result(int Restored, int Known) : Output
    {
        public override void Print(TextWriter to) => to.WriteLine($"{Restored} encryption keys restored, {Known} were here already");
    }

    public static Command Command() => Cli.OnData(
        "restore", "Take in the encryption keys of a backup.", [Backup, BackupPassphrase, Passphrase.FileOption], async (parsed, folder, ct) =>
        {
            await using var only = folder.TakeLock();
            using var passphrase = Passphrase.Read(parsed);
            using var own = OwnAgency.Unlock(folder, passphrase.Utf8);
            var backup = Open(parsed.GetRequiredValue(Backup), parsed.GetValue(BackupPassphrase));
            var restored = own.Keys.Restore(backup, TimeProvider.System.GetUtcNow());
            if (restored > 0) own.Keys.Save(folder.Keys, passphrase.Utf8);
            return new Result(restored, backup.Count - restored);
        });

    private static IReadOnlyList<EncryptionIdentity> Open(string path, string? passphraseFile)
    {
        using var passphrase = Passphrase.Read(passphraseFile, BackupPassphrase.Name);
        using var file = File.OpenRead(path);
        if (KeyBackup.TryRead(file, passphrase.Utf8, out var identities, out var fault)) return identities;
        throw fault == KeyFileFault.WrongPassphrase
            ? new CommandException("wrong-passphrase", $"{path} does not open: the passphrase is not the backup's, or the file was altered.")
            : Cli.Malformed($"{path} is no backup of an agency's keys: keys export makes one.");
    }
}
