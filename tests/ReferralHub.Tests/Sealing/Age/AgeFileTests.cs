using System.Text;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Age;

public sealed class AgeFileTests : IDisposable
{
    private readonly HybridIdentity _identity = HybridIdentity.Create();

    public void Dispose() => _identity.Dispose();

    public static TheoryData<int> Sizes => [0, 1, 2, 4095, 65535, 65536, 65537, 131071, 131072, 131073, 1 << 20, (1 << 20) + 7];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void What_was_sealed_opens_whatever_its_size(int size)
    {
        var plain = Pattern(size);
        AgeFiles.AssertOpened(plain, Open(Seal(plain)));
    }

    [Fact]
    public void The_file_has_exactly_the_length_that_the_format_gives_it()
    {
        var header = AgeLength(Seal([]));
        Assert.Equal(header + 16 + 16, Seal([]).Length);
        Assert.Equal(header + 16 + 65536 + 16, Seal(Pattern(65536)).Length);
        Assert.Equal(header + 16 + 65536 + 16 + 1 + 16, Seal(Pattern(65537)).Length);

        static int AgeLength(byte[] file)
        {
            Assert.True(AgeHeader.TryParse(file, out _, out var consumed));
            return consumed;
        }
    }

    [Fact]
    public void Writing_in_pieces_or_at_once_and_reading_in_pieces_gives_the_same()
    {
        var plain = Pattern(200_000);
        using var file = new MemoryStream();
        using (var writer = new AgeWriter(file, new HybridRecipient(_identity.PublicKey)))
        {
            foreach (var piece in plain.Chunk(7_919)) writer.Write(piece);
            writer.Complete();
        }

        AgeFiles.AssertOpened(plain, Open(file.ToArray(), bufferSize: 13));
        AgeFiles.AssertOpened(plain, Open(file.ToArray(), bufferSize: 1 << 20));
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_refused_and_releases_nothing()
    {
        var file = Seal(Pattern(100));
        for (var at = 0; at < file.Length; at++)
        {
            var flipped = (byte[])file.Clone();
            flipped[at] ^= (byte)(1 << at % 8);
            var (released, fault) = Open(flipped);
            Assert.NotNull(fault);
            Assert.Empty(released);
        }
    }

    [Fact]
    public void A_flipped_bit_in_each_region_of_a_long_file_is_refused()
    {
        var file = Seal(Pattern(3 * 65536 + 10));
        Assert.True(AgeHeader.TryParse(file, out _, out var header));
        foreach (var at in (int[])[header, header + 16, header + 16 + 65536, header + 16 + 65552, header + 16 + 2 * 65552, file.Length - 20, file.Length - 1])
        {
            var flipped = (byte[])file.Clone();
            flipped[at] ^= 0x80;
            Assert.Equal(AgeFault.PayloadDamaged, Open(flipped).Fault);
        }
    }

    [Fact]
    public void A_file_cut_at_any_length_is_refused()
    {
        var file = Seal(Pattern(100));
        for (var length = 0; length < file.Length; length++) Assert.NotNull(Open(file[..length]).Fault);
    }

    [Fact]
    public void A_long_file_cut_between_chunks_is_refused()
    {
        var file = Seal(Pattern(2 * 65536));
        foreach (var cut in (int[])[1, 16, 17, 65551, 65552, 65553, 2 * 65552]) Assert.Equal(AgeFault.PayloadDamaged, Open(file[..^cut]).Fault);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(65536)]
    public void Appended_bytes_are_refused(int size)
    {
        var file = Seal(Pattern(size));
        foreach (var more in (int[])[1, 16, 17, 65552]) Assert.Equal(AgeFault.PayloadDamaged, Open([.. file, .. new byte[more]]).Fault);
    }

    [Fact]
    public void Chunks_in_another_order_are_refused()
    {
        var file = Seal(Pattern(3 * 65536));
        Assert.True(AgeHeader.TryParse(file, out _, out var header));
        var first = header + 16;
        byte[] swapped = [.. file[..first], .. file[(first + 65552)..(first + 2 * 65552)], .. file[first..(first + 65552)], .. file[(first + 2 * 65552)..]];
        Assert.Equal(AgeFault.PayloadDamaged, Open(swapped).Fault);
    }

    // Only whoever has the file key can make this: what follows a last chunk is never read as more of the payload.
    [Theory]
    [InlineData(65536)]
    [InlineData(100)]
    public void Nothing_follows_the_last_chunk(int size)
    {
        var file = Seal([]);
        Assert.True(AgeHeader.TryParse(file, out var header, out var start));
        var fileKey = new byte[FileKey.Bytes];
        Assert.Null(_identity.Unwrap(header, fileKey));
        start += FileKey.PayloadNonceBytes;
        using var cipher = FileKey.PayloadCipher(fileKey, file.AsSpan(start - FileKey.PayloadNonceBytes, FileKey.PayloadNonceBytes));
        byte[] Chunk(int number, int length)
        {
            var chunk = new byte[length + PayloadCipher.TagBytes];
            cipher.Seal(number, last: true, Pattern(length), chunk);
            return chunk;
        }

        byte[] twice = [.. file[..start], .. Chunk(0, size), .. Chunk(1, 10)];
        Assert.Equal(AgeFault.PayloadDamaged, Open(twice).Fault);
        AgeFiles.AssertOpened(Pattern(size), Open([.. file[..start], .. Chunk(0, size)]));
    }

    [Fact]
    public void A_file_that_was_not_completed_does_not_open()
    {
        using var file = new MemoryStream();
        using (var writer = new AgeWriter(file, new HybridRecipient(_identity.PublicKey))) writer.Write(Pattern(65537));
        Assert.Equal(AgeFault.PayloadDamaged, Open(file.ToArray()).Fault);
    }

    [Fact]
    public void Only_its_own_identity_opens_a_file_and_among_several_it_is_found()
    {
        using var other = HybridIdentity.Create();
        var file = Seal(Pattern(10));
        Assert.Equal(AgeFault.NotMine, Open(file, other).Fault);
        AgeFiles.AssertOpened(Pattern(10), Open(file, other, _identity));
        Assert.Equal(AgeFault.NotMine, Open(file, []).Fault);
    }

    [Fact]
    public void The_same_content_never_seals_to_the_same_bytes() => Assert.NotEqual(Seal([1]), Seal([1]));

    [Fact]
    public void A_header_that_somebody_extended_is_forged()
    {
        var file = Encoding.Latin1.GetString(Seal([1]));
        var extended = Encoding.Latin1.GetBytes(file.Replace("\n--- ", "\n-> grease\n\n--- ", StringComparison.Ordinal));
        Assert.Equal(AgeFault.HeaderMalformed, Open(extended).Fault);
        Assert.Equal(AgeFault.HeaderForged, Open(extended, AgeLimits.Local, 4096, _identity).Fault);
    }

    [Theory]
    [InlineData("-> mlkem768x25519 ", "-> mlkem768x25519 x ")] // an argument more
    [InlineData("-> mlkem768x25519 ", "-> mlkem768x25519 AAAA")] // a longer encapsulation
    public void A_stanza_that_breaks_its_kinds_rules_is_malformed(string from, string to)
    {
        var file = Encoding.Latin1.GetString(Seal([1]));
        Assert.Equal(AgeFault.HeaderMalformed, Open(Encoding.Latin1.GetBytes(file.Replace(from, to, StringComparison.Ordinal))).Fault);
    }

    [Fact]
    public void Each_of_several_recipients_opens_the_file_but_not_from_the_wire()
    {
        using var other = HybridIdentity.Create();
        using var stranger = HybridIdentity.Create();
        var file = AgeFiles.Seal([new HybridRecipient(_identity.PublicKey), new HybridRecipient(other.PublicKey)], Pattern(10));
        AgeFiles.AssertOpened(Pattern(10), Open(file, AgeLimits.Local, 4096, _identity));
        AgeFiles.AssertOpened(Pattern(10), Open(file, AgeLimits.Local, 4096, other));
        Assert.Equal(AgeFault.NotMine, Open(file, AgeLimits.Local, 4096, stranger).Fault);
        Assert.Equal(AgeFault.HeaderMalformed, Open(file, _identity).Fault);
    }

    [Fact]
    public void Recipients_that_do_not_go_together_are_the_callers_mistake()
    {
        using var classical = X25519Identity.Create();
        using var passphrase = new ScryptRecipient("on paper"u8, work: 1);
        var hybrid = new HybridRecipient(_identity.PublicKey);
        Assert.Throws<ArgumentException>(() => new AgeWriter(Stream.Null, []));
        Assert.Throws<ArgumentException>(() => new AgeWriter(Stream.Null, hybrid, new X25519Recipient(classical.PublicKey)));
        Assert.Throws<ArgumentException>(() => new AgeWriter(Stream.Null, hybrid, passphrase));
        Assert.Throws<ArgumentException>(() => new AgeWriter(Stream.Null, passphrase, passphrase));
        Assert.Throws<ArgumentException>(() => new HybridRecipient(classical.PublicKey));
        Assert.Throws<ArgumentException>(() => new X25519Recipient(_identity.PublicKey));
    }

    [Fact]
    public void A_damaged_file_releases_what_is_authentic_before_the_damage()
    {
        var file = Seal(Pattern(3 * 65536));
        byte[] longer = [.. file, 0];
        var (released, fault) = Open(longer);
        Assert.Equal((3 * 65536, AgeFault.PayloadDamaged), (released.Length, fault));
        (released, fault) = Open(file[..^65552]); // cut between two chunks
        Assert.Equal((2 * 65536, AgeFault.PayloadDamaged), (released.Length, fault));
        file[^(65552 + 1)] ^= 1;
        (released, fault) = Open(file);
        Assert.Equal((65536, AgeFault.PayloadDamaged), (released.Length, fault));
        Assert.Equal(Pattern(65536), released);
    }

    [Fact]
    public void An_encapsulation_whose_X25519_half_is_of_low_order_is_malformed()
    {
        var file = Encoding.Latin1.GetString(Seal([1]));
        var text = file.Split('\n')[1].Split(' ')[2];
        Assert.True(CanonicalBase64.Unpadded.TryDecode(text, out var encapsulation));
        encapsulation.AsSpan(^32..).Clear();
        var changed = file.Replace(text, CanonicalBase64.Unpadded.Encode(encapsulation), StringComparison.Ordinal);
        Assert.Equal(AgeFault.HeaderMalformed, Open(Encoding.Latin1.GetBytes(changed)).Fault);
    }

    [Fact]
    public void Nothing_is_written_after_the_end()
    {
        using var writer = new AgeWriter(Stream.Null, new HybridRecipient(_identity.PublicKey));
        writer.Complete();
        Assert.Throws<InvalidOperationException>(() => writer.Write([1]));
        Assert.Throws<InvalidOperationException>(writer.Complete);
    }

    [Fact]
    public void An_identity_reads_back_from_its_text_and_opens_the_same_files()
    {
        var text = _identity.ExportSecret();
        Assert.StartsWith("AGE-SECRET-KEY-PQ-1", new string(text), StringComparison.Ordinal);
        Assert.True(HybridIdentity.TryParse(text, out var again));
        using (again) AgeFiles.AssertOpened(Pattern(5), Open(Seal(Pattern(5)), again));

        Assert.False(HybridIdentity.TryParse(new string(text).ToLowerInvariant(), out _));
        Assert.False(HybridIdentity.TryParse(text.AsSpan(1), out _));
        Assert.False(HybridIdentity.TryParse("", out _));
    }

    [Fact]
    public void An_identity_tells_nothing_of_its_secret()
    {
        Assert.Equal($"private half of {_identity.PublicKey.Fingerprint}", _identity.ToString());
        var identity = HybridIdentity.Create();
        identity.Dispose();
        Assert.Throws<ObjectDisposedException>(() => identity.ExportSecret());
    }

    private byte[] Seal(byte[] plain) => AgeFiles.Seal(new HybridRecipient(_identity.PublicKey), plain);

    private (byte[] Plain, AgeFault? Fault) Open(byte[] file, int bufferSize = 4096) => Open(file, AgeLimits.Wire, bufferSize, _identity);

    private static (byte[] Plain, AgeFault? Fault) Open(byte[] file, params HybridIdentity[] identities) => Open(file, AgeLimits.Wire, 4096, identities);

    private static (byte[] Plain, AgeFault? Fault) Open(byte[] file, AgeLimits limits, int bufferSize, params HybridIdentity[] identities) =>
        AgeFiles.Open(file, limits, bufferSize, identities);

    private static byte[] Pattern(int size) => AgeFiles.Pattern(size);
}
