using ReferralHub.Demo.Processes;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.SystemTests.Interop;

/// <summary>Debian's age and npm age-encryption on the same files.</summary>
[Trait("group", "interop")]
public sealed class AgeInteropTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string, string, int, int> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string, string, int, int>();
            foreach (var (peer, kind) in new[] { ("debian", "x25519"), ("npm", "x25519"), ("npm", "hybrid") })
            {
                for (var sample = 0; sample < 6; sample++) pairs.Add(peer, kind, Drawn.Seed, sample, Drawn.Size(sample));
            }

            // Each takes seconds, whatever its size.
            foreach (var peer in new[] { "debian", "npm" })
            {
                for (var sample = 6; sample < 8; sample++) pairs.Add(peer, "passphrase", Drawn.Seed, sample, Drawn.Size(sample));
            }

            return pairs;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Each_side_opens_what_the_other_sealed(string peer, string kind, string seed, int sample, int size)
    {
        var ct = TestContext.Current.CancellationToken;
        var (plain, armored) = (Drawn.Bytes($"content {sample}", size), sample % 2 == 1);
        await File.WriteAllBytesAsync(_folder.File("plain"), plain, ct);
        using var ours = new OwnAge(kind, Drawn.Bytes($"key {seed} {sample}", KeyIdentity.SecretSize));
        var theirs = new AgePeer(peer, _folder);

        if (kind != "passphrase") Assert.Equal(ours.Key, await theirs.Recipient(ours.Secret));
        await theirs.Seal(kind, ours.Key, armored, _folder.File("plain"), _folder.File("theirs"));
        Assert.Equal(plain, ours.Open(_folder.File("theirs")));

        ours.Seal(plain, armored, _folder.File("ours"));
        await theirs.Open(kind, ours.Secret, _folder.File("ours"), _folder.File("opened"));
        Assert.Equal(plain, await File.ReadAllBytesAsync(_folder.File("opened"), ct));
    }

    [Theory]
    [InlineData("debian", "x25519")]
    [InlineData("npm", "x25519")]
    [InlineData("npm", "hybrid")]
    public async Task Neither_side_opens_what_was_changed(string peer, string kind)
    {
        var ct = TestContext.Current.CancellationToken;
        using var ours = new OwnAge(kind, Drawn.Bytes("key", KeyIdentity.SecretSize));
        ours.Seal(Drawn.Bytes("content", 100_000), armored: false, _folder.File("ours"));
        var file = await File.ReadAllBytesAsync(_folder.File("ours"), ct);
        file[Drawn.Number($"{peer} {kind}", file.Length)] ^= 1;
        await File.WriteAllBytesAsync(_folder.File("ours"), file, ct);
        Assert.Throws<InvalidDataException>(() => ours.Open(_folder.File("ours")));
        await Assert.ThrowsAsync<ProcessFailedException>(() => new AgePeer(peer, _folder).Open(kind, ours.Secret, _folder.File("ours"), _folder.File("opened")));
    }

    [Fact]
    public async Task A_backup_opens_with_its_passphrase_and_its_identity_opens_envelopes()
    {
        var ct = TestContext.Current.CancellationToken;
        using var keys = AgencyKeys.Create(TimeProvider.System.GetUtcNow());
        await using (var file = File.Create(_folder.File("backup"))) KeyBackup.Write(file, keys, "on paper"u8);
        await new AgePeer("debian", _folder).Open("passphrase", "on paper", _folder.File("backup"), _folder.File("identities"));
        var identity = (await File.ReadAllLinesAsync(_folder.File("identities"), ct)).Single(line => !line.StartsWith('#'));
        Assert.Equal(keys.EncryptionKey.ToString(), await new AgePeer("npm", _folder).Recipient(identity));
    }
}
