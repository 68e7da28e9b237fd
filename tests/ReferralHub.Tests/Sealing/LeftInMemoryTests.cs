using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Envelopes;
using ReferralHub.Sealing.Keys;
using ReferralHub.Tests.Sealing.Envelopes;

namespace ReferralHub.Tests.Sealing;

/// <summary>Keys, file keys and plaintext are gone from memory when what held them is disposed. Each search sees first that they were there.</summary>
[SupportedOSPlatform("linux")]
public sealed class LeftInMemoryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rh-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Of_a_file_that_was_sealed_and_opened_nothing_is_left()
    {
        var masks = SealAndOpen(out var held);
        Assert.Equal([true, true, true], held);
        Assert.Equal([false, false, false, false], OwnMemory.Holds(masks));
    }

    [Fact]
    public void Of_keys_that_were_saved_loaded_and_backed_up_nothing_is_left()
    {
        var masks = SaveAndLoad(out var held);
        Assert.Equal([true, true], held);
        Assert.Equal([false, false], OwnMemory.Holds(masks));
    }

    [Fact]
    public async Task Of_an_attachment_that_was_sealed_and_opened_nothing_is_left()
    {
        var mask = await SealAndOpenEnvelopeAsync();
        Assert.Equal([false], OwnMemory.Holds(mask));
    }

    // What was parsed from it is text in objects, which nothing can wipe.
    [Fact]
    public void The_copy_of_a_form_is_wiped_when_it_was_checked()
    {
        using var kit = new EnvelopeKit();
        var file = kit.SealTar(kit.Tar());
        Assert.True(AgeReader.TryOpen(new MemoryStream(file), [kit.Recipient], AgeLimits.Wire, out var age, out _));
        using (age)
        {
            var scan = new EnvelopeScan(age);
            Assert.Null(scan.Run());
            Assert.Equal(EnvelopeKit.Form, scan.Form);
            Assert.Null(EnvelopeCheck.All(scan, kit.Expectation(file), out _));
            Assert.Equal(new byte[EnvelopeKit.Form.Length], scan.Form);
        }
    }

    // In methods of their own, so that what they had on the stack is out of use when the search runs.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte[][] SealAndOpen(out bool[] held)
    {
        var secret = Drawn(KeyIdentity.SecretSize);
        using var identity = HybridIdentity.Import(secret);
        var plain = Drawn(64);
        byte[][] masks = [OwnMemory.Masked(secret), OwnMemory.Masked(plain)];
        CryptographicOperations.ZeroMemory(secret);

        var recipient = new Spy(AgeRecipient.Of(identity.PublicKey));
        using var file = new MemoryStream();
        using (var writer = new AgeWriter(file, recipient))
        {
            writer.Write(plain);
            writer.Complete();
        }

        CryptographicOperations.ZeroMemory(plain);
        Assert.True(AgeReader.TryOpen(file, [identity], AgeLimits.Wire, out var reader, out _));
        using (reader)
        {
            Assert.True(reader.TryRead(plain, out var count) && count == plain.Length);
            masks = [.. masks, recipient.PayloadKey(file.ToArray())];
            held = OwnMemory.Holds(masks);
            CryptographicOperations.ZeroMemory(plain);
        }

        file.Position = 0;
        Assert.True(AgeReader.TryOpen(file, [identity], AgeLimits.Wire, out reader, out _));
        using (reader)
        {
            Assert.True(reader.TryReadAll(64, out var all));
            CryptographicOperations.ZeroMemory(all);
        }

        return [.. masks, recipient.FileKeyMask];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte[][] SaveAndLoad(out bool[] held)
    {
        var path = Path.Combine(_folder.FullName, "keys");
        using var backup = new MemoryStream();
        using var passphrase = new ScryptRecipient("on paper"u8, work: 10);
        byte[][] masks;
        using (var keys = AgencyKeys.Create(DateTimeOffset.UnixEpoch))
        {
            using (var secrets = keys.ToSecrets())
            {
                masks = [OwnMemory.Masked(secrets["signing"]), OwnMemory.Masked(secrets["encryption/0001"][16..])];
                KeyFile.Save(path, "passphrase"u8, secrets, KeyFileCost.Least);
            }

            KeyBackup.Write(backup, keys, passphrase);
        }

        Assert.True(AgencyKeys.TryLoad(path, "passphrase"u8, out var loaded, out _));
        using (loaded)
        {
            Assert.True(KeyBackup.TryRead(backup, "on paper"u8, out var identities, out _));
            loaded.Restore(identities, DateTimeOffset.UnixEpoch);
            held = OwnMemory.Holds(masks);
        }

        return masks;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<byte[]> SealAndOpenEnvelopeAsync()
    {
        using var kit = new EnvelopeKit();
        var attachment = Drawn(64);
        var mask = OwnMemory.Masked(attachment);
        var (file, _) = await kit.SealAsync(EnvelopeKit.Record(attachment));
        CryptographicOperations.ZeroMemory(attachment);
        Assert.Equal(EnvelopeFault.NotAddressedToMe, kit.Refusal(file, e => e with { Recipient = e.Sender }));
        using (var envelope = kit.Open(file))
        using (var content = envelope.Open("attachments/0001")) content.ReadExactly(attachment);
        CryptographicOperations.ZeroMemory(attachment);
        return mask;
    }

    // In memory that the garbage collector does not move: what it left behind nobody could wipe.
    private static byte[] Drawn(int length)
    {
        var drawn = GC.AllocateArray<byte>(length, pinned: true);
        RandomNumberGenerator.Fill(drawn);
        return drawn;
    }

    /// <summary>Seals as another does, and keeps a mask of the file key that it was given.</summary>
    private sealed class Spy(AgeRecipient other) : AgeRecipient
    {
        public byte[] FileKeyMask { get; private set; } = [];

        internal override bool IsPostQuantum => other.IsPostQuantum;

        internal override AgeStanza Wrap(ReadOnlySpan<byte> fileKey)
        {
            FileKeyMask = OwnMemory.Masked(fileKey);
            return other.Wrap(fileKey);
        }

        /// <summary>The mask of the key that a file's payload is sealed under.</summary>
        public byte[] PayloadKey(byte[] file)
        {
            Assert.True(AgeHeader.TryParse(file, out _, out var length));
            var fileKey = OwnMemory.Masked(FileKeyMask);
            var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, fileKey, 32, file[length..(length + 16)], "payload"u8.ToArray());
            var mask = OwnMemory.Masked(key);
            CryptographicOperations.ZeroMemory(fileKey);
            CryptographicOperations.ZeroMemory(key);
            return mask;
        }
    }
}
