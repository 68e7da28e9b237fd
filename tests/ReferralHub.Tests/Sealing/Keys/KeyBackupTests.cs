using System.Text;
using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Keys;
using ReferralHub.Tests.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Keys;

/// <summary>docs/protocol.md §2.7: what <see cref="KeyBackup"/> writes reads back, and nothing else does.</summary>
public sealed class KeyBackupTests : IDisposable
{
    private static readonly DateTimeOffset January = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset April = January.AddMonths(3);

    private readonly ScryptRecipient _cheap = new("on paper"u8, work: 10); // a file of the real cost takes a second
    private readonly AgencyKeys _lost = AgencyKeys.Create(January);

    public void Dispose()
    {
        _cheap.Dispose();
        _lost.Dispose();
    }

    [Fact]
    public void What_was_backed_up_is_restored_behind_the_current_key_retired_and_newest_first()
    {
        using var older = AgencyKeys.Create(January.AddMonths(-3));
        Assert.Equal(1, _lost.Restore(Read(BackUp(older)), January));
        var backup = BackUp(_lost);

        using var keys = AgencyKeys.Create(April.AddSeconds(0.5));
        Assert.Equal(2, keys.Restore(Read(backup), April.AddSeconds(0.5)));
        Assert.Equal(
            [(keys.EncryptionKey, April, null), (_lost.EncryptionKey, January, April), (older.EncryptionKey, January.AddMonths(-3), January)],
            keys.Encryption.Select(e => (e.Identity.PublicKey, e.CreatedAt, e.RetiredAt)));
        foreach (var key in (EncryptionKey[])[_lost.EncryptionKey, older.EncryptionKey])
            AgeFiles.AssertOpened([7], AgeFiles.Open(AgeFiles.Seal(new HybridRecipient(key), [7]), AgeLimits.Wire, 4096, [.. keys.Identities]));

        Assert.Equal(0, keys.Restore(Read(backup), April.AddMonths(1)));
        Assert.Equal(3, keys.Encryption.Count);
        using var secrets = keys.ToSecrets();
        using var again = AgencyKeys.Read(secrets);
        Assert.NotNull(again);
        Assert.Equal(keys.Encryption.Select(e => (e.Identity.PublicKey, e.RetiredAt)), again.Encryption.Select(e => (e.Identity.PublicKey, e.RetiredAt)));
    }

    [Fact]
    public void A_key_that_is_here_already_stays_as_it_is()
    {
        var backup = BackUp(_lost);
        Assert.Equal(0, _lost.Restore(Read(backup), April));
        Assert.Equal([null], _lost.Encryption.Select(e => e.RetiredAt));
        AgeFiles.AssertOpened([7], AgeFiles.Open(AgeFiles.Seal(new HybridRecipient(_lost.EncryptionKey), [7]), AgeLimits.Wire, 4096, [.. _lost.Identities]));
    }

    [Fact]
    public void Without_the_passphrase_whole_or_unaltered_there_is_nothing()
    {
        var backup = BackUp(_lost);
        Assert.Equal(KeyFileFault.WrongPassphrase, Fault(backup, "on papers"));
        Assert.Equal(KeyFileFault.WrongPassphrase, Fault(backup[..^1]));
        Assert.Equal(KeyFileFault.WrongPassphrase, Fault([.. backup, 0]));
        backup[^40] ^= 1;
        Assert.Equal(KeyFileFault.WrongPassphrase, Fault(backup));
        Assert.Equal(KeyFileFault.Foreign, Fault("SYNTHETIC text"u8.ToArray()));
        Assert.Equal(KeyFileFault.OtherContent, Fault(AgeFiles.Seal(_cheap, "SYNTHETIC text"u8.ToArray())));
        Assert.Equal(KeyFileFault.OtherContent, Fault(AgeFiles.Seal(_cheap, [])));
        Assert.Equal(KeyFileFault.WrongPassphrase, Fault(AgeFiles.Seal(_cheap, new byte[4 * 1024 * 1024 + 1]))); // too long to be one
    }

    [Theory]
    [InlineData("# created: 2026-01-05T12:00:00Z\n", "")]
    [InlineData("# created: 2026-01-05T12:00:00Z\n", "# created: 2026-01-05\n")]
    [InlineData("# created: 2026-01-05T12:00:00Z\n", "# Created: 2026-01-05T12:00:00Z\n")]
    [InlineData("# created: 2026-01-05T12:00:00Z\n", "# created: 2026-01-05T12:00:00Z\n# retired: 2026-01-05T12:00:00Z\n")] // none in use
    [InlineData("# public key: ", "# public key:")]
    [InlineData("# public key: age1", "# public key: age2")]
    [InlineData("AGE-SECRET-KEY-PQ-1", "AGE-SECRET-KEY-1")]
    [InlineData("AGE-SECRET-KEY-PQ-1", "\nAGE-SECRET-KEY-PQ-1")]
    [InlineData("AGE-SECRET-KEY-PQ-1", "AGE-SECRET-KEY-PQ-1AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("{end}", "# created: 2026-01-05T12:00:00Z\n")]
    [InlineData("{end}", "{all}")] // two in use
    [InlineData("\n{end}", "")]
    public void Refuses_all_else(string from, string to)
    {
        var (plain, _) = AgeFiles.Open(BackUp(_lost), AgeLimits.Local, 4096, new ScryptIdentity("on paper"u8));
        var text = Encoding.ASCII.GetString(plain);
        Assert.Single(KeyBackup.Parse(plain)!).Identity.Dispose();
        var changed = (text + "{end}").Replace(from, to, StringComparison.Ordinal)
            .Replace("{end}", "", StringComparison.Ordinal).Replace("{all}", text, StringComparison.Ordinal);
        Assert.NotEqual(text, changed);
        Assert.Null(KeyBackup.Parse(Encoding.ASCII.GetBytes(changed)));
    }

    private byte[] BackUp(AgencyKeys keys)
    {
        using var file = new MemoryStream();
        KeyBackup.Write(file, keys, _cheap);
        return file.ToArray();
    }

    private static IReadOnlyList<EncryptionIdentity> Read(byte[] backup)
    {
        Assert.True(KeyBackup.TryRead(new MemoryStream(backup), "on paper"u8, out var identities, out var fault), fault.ToString());
        return identities;
    }

    private static KeyFileFault? Fault(byte[] backup, string passphrase = "on paper")
    {
        Assert.False(KeyBackup.TryRead(new MemoryStream(backup), Encoding.UTF8.GetBytes(passphrase), out _, out var fault));
        return fault;
    }
}
