using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.SystemTests.Interop;

[Trait("group", "interop")]
public sealed class AgeInteropTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(65536)]
    [InlineData(200_000)]
    public async Task Each_side_opens_what_the_other_sealed(int size)
    {
        var plain = new byte[size];
        for (var i = 0; i < size; i++) plain[i] = (byte)(i * 31 % 256);
        await File.WriteAllBytesAsync(_folder.File("plain"), plain, TestContext.Current.CancellationToken);
        var (identityText, recipient) = await Peers.AgeKeygen();
        Assert.True(EncryptionKey.TryParse(recipient, out var key));
        Assert.True(HybridIdentity.TryParse(identityText, out var identity));
        using (identity)
        {
            Assert.Equal(key, identity.PublicKey);

            await Peers.AgeSeal("recipient", recipient, _folder.File("plain"), _folder.File("theirs"));
            Assert.Equal(plain, Open(_folder.File("theirs"), identity));

            Seal(_folder.File("ours"), new HybridRecipient(key), plain);
            await Peers.AgeOpen("identity", identityText, _folder.File("ours"), _folder.File("opened"));
            Assert.Equal(plain, await File.ReadAllBytesAsync(_folder.File("opened"), TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task A_backup_opens_with_its_passphrase_and_its_identity_opens_envelopes()
    {
        using var keys = AgencyKeys.Create(TimeProvider.System.GetUtcNow());
        await using (var file = File.Create(_folder.File("backup"))) KeyBackup.Write(file, keys, "on paper"u8);
        await Peers.AgeOpen("passphrase", "on paper", _folder.File("backup"), _folder.File("identities"));
        var identity = (await File.ReadAllLinesAsync(_folder.File("identities"), TestContext.Current.CancellationToken))
            .Single(line => !line.StartsWith('#'));

        Seal(_folder.File("ours"), new HybridRecipient(keys.EncryptionKey), [1, 2, 3]);
        await Peers.AgeOpen("identity", identity, _folder.File("ours"), _folder.File("opened"));
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(_folder.File("opened"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_passphrase_file_of_the_peer_opens()
    {
        await File.WriteAllBytesAsync(_folder.File("plain"), [1, 2, 3], TestContext.Current.CancellationToken);
        await Peers.AgeSeal("passphrase", "on paper", _folder.File("plain"), _folder.File("theirs"));
        using var identity = new ScryptIdentity("on paper"u8);
        Assert.Equal([1, 2, 3], Open(_folder.File("theirs"), identity));
    }

    private static void Seal(string path, AgeRecipient recipient, byte[] plain)
    {
        using var file = File.Create(path);
        using var writer = new AgeWriter(file, recipient);
        writer.Write(plain);
        writer.Complete();
    }

    private static byte[] Open(string path, AgeIdentity identity)
    {
        using var file = File.OpenRead(path);
        Assert.True(AgeReader.TryOpen(file, [identity], AgeLimits.Local, out var reader, out _));
        using (reader)
        {
            var plain = new byte[reader.Length];
            var read = 0;
            while (reader.TryRead(plain.AsSpan(read), out var count) && count > 0) read += count;
            return plain[..read];
        }
    }
}
