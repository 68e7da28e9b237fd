using System.Text;
using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Age;

[Trait("group", "vectors")]
public sealed class AgeTestkitTests
{
    private static string Folder => SharedVectors.Find("age-testkit", "testdata");

    [Fact]
    public void Every_file_ends_as_it_says() => AgeTestkit.Run("age-testkit", Folder, files: 107, accepted: 20);

    [Fact]
    public void Armor_is_known_by_its_first_bytes()
    {
        foreach (var test in AgeTestkit.Read(Folder))
            Assert.Equal(test.IsArmored && test.Name != "armor_garbage_leading", AgeArmor.Begins(new MemoryStream(test.Bytes())));
    }

    [Fact]
    public void A_header_that_reads_is_written_the_same()
    {
        var tally = new Tally("age-testkit headers");
        foreach (var test in AgeTestkit.Read(Folder))
        {
            if (!test.TryUnarmor(out var file)) continue;
            var bytes = ReadAll(file);
            var status = AgeHeader.Read(bytes, AgeLimits.Local, out var header, out var length);
            if (header is not null) Assert.Equal(bytes[..length], header.ToBytes());
            Assert.True(header is not null || !test.Succeeds, test.Name);
            tally.Ran(status == AgeHeaderStatus.Complete);
        }

        tally.Close(92, 92, 72);
    }

    [Fact]
    public void What_opens_is_sealed_to_the_same_bytes_again()
    {
        var tally = new Tally("age-testkit payloads");
        foreach (var test in AgeTestkit.Read(Folder).Where(test => test.Succeeds))
        {
            Assert.True(test.TryUnarmor(out var file));
            var bytes = ReadAll(file);
            _ = AgeHeader.Read(bytes, AgeLimits.Local, out _, out var start);
            var nonce = bytes.AsSpan(start, FileKey.PayloadNonceBytes);
            using var cipher = FileKey.PayloadCipher(test.FileKey, nonce);
            var chunks = bytes[(start + nonce.Length)..].Chunk(PayloadCipher.SealedChunkBytes).ToArray();
            for (var i = 0; i < chunks.Length; i++)
            {
                var last = i == chunks.Length - 1;
                var (plain, again) = (new byte[chunks[i].Length - PayloadCipher.TagBytes], new byte[chunks[i].Length]);
                Assert.True(cipher.TryOpen(i, last, chunks[i], plain));
                cipher.Seal(i, last, plain, again);
                Assert.Equal(chunks[i], again);
            }

            tally.Ran(accepted: true);
        }

        tally.Close(20, 20, 20);
    }

    [Fact]
    public void Armor_that_opens_is_written_the_same_but_for_line_ends_and_space_around()
    {
        var tally = new Tally("age-testkit armor");
        foreach (var test in AgeTestkit.Read(Folder).Where(test => test.IsArmored))
        {
            var opens = test.TryUnarmor(out var file);
            tally.Ran(opens);
            if (!opens) continue;
            using var again = new MemoryStream();
            using (var armor = AgeArmor.Write(again)) file.CopyTo(armor);
            var text = Encoding.ASCII.GetString(test.Bytes()).Replace("\r\n", "\n", StringComparison.Ordinal).Trim() + "\n";
            Assert.Equal(text, Encoding.ASCII.GetString(again.ToArray()));
        }

        tally.Close(25, 25, 10);
    }

    private static byte[] ReadAll(Stream file)
    {
        using (file)
        {
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
    }
}
