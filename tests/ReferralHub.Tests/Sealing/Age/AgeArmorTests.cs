using System.Text;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Age;

public sealed class AgeArmorTests
{
    private const string Begin = "-----BEGIN AGE ENCRYPTED FILE-----\n";
    private const string End = "-----END AGE ENCRYPTED FILE-----\n";
    private static readonly string FullLine = new('A', 64);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(47)]
    [InlineData(48)]
    [InlineData(49)]
    [InlineData(100_000)]
    public void What_was_written_reads_back_in_any_order(int size)
    {
        var file = AgeFiles.Pattern(size);
        using var text = new MemoryStream();
        using (var armor = AgeArmor.Write(text))
        {
            foreach (var piece in file.Chunk(1_009)) armor.Write(piece);
        }

        Assert.All(Encoding.ASCII.GetString(text.ToArray()).Split('\n'), line => Assert.True(line.Length <= 64));
        Assert.True(AgeArmor.Begins(text));
        Assert.True(AgeArmor.TryOpen(text, out var read));
        using (read)
        {
            Assert.Equal(size, read.Length);
            var bytes = new byte[size];
            read.ReadExactly(bytes);
            Assert.Equal(file, bytes);
            Assert.Equal(0, read.Read(new byte[1]));
            foreach (var at in (int[])[size / 2, 0, size, size / 3])
            {
                read.Position = at;
                read.ReadExactly(bytes.AsSpan(at));
                Assert.Equal(file, bytes);
            }

            Assert.Equal(size - size / 2, read.Seek(-(size / 2), SeekOrigin.End));
            Assert.Equal(size, read.Seek(size / 2, SeekOrigin.Current));
            Assert.Throws<ArgumentOutOfRangeException>(() => read.Position = size + 1);
            Assert.Throws<ArgumentOutOfRangeException>(() => read.Position = -1);
        }
    }

    [Theory]
    [InlineData("{begin}AAAA\n{end}")]
    [InlineData("{begin}{full}\n{end}")]
    [InlineData("{begin}{full}\nAA==\n{end}")]
    [InlineData("\n \t\r\n{begin}AAAA\n{end}\n\t ")]
    [InlineData("{begin}AAAA\r\n{end}")] // one CRLF among LF
    [InlineData("{begin}AAAA\n-----END AGE ENCRYPTED FILE-----")]
    public void Reads_what_the_format_allows(string text)
    {
        Assert.True(Opens(text));
        Assert.True(AgeArmor.Begins(new MemoryStream(Bytes(text))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{begin}")]
    [InlineData("{begin}AAAA\n")] // no end
    [InlineData("AAAA\n{end}")]
    [InlineData(" {begin}AAAA\n{end}")]
    [InlineData("x\n{begin}AAAA\n{end}")]
    [InlineData("{begin}AAAA\n{end}x")]
    [InlineData("{begin}\nAAAA\n{end}")]
    [InlineData("{begin}AAAA\n\n{end}")]
    [InlineData("{begin}AAAA\nAAAA\n{end}")] // two short lines
    [InlineData("{begin}{full}AAAA\n{end}")] // too long
    [InlineData("{begin}AAA\n{end}")] // not padded
    [InlineData("{begin}AAB=\n{end}")] // tail bits
    [InlineData("{begin}AA==AAAA\n{end}")]
    [InlineData("{begin}AAAA \n{end}")]
    [InlineData("{begin} AAA\n{end}")]
    [InlineData("{begin}AA-_\n{end}")]
    [InlineData("{begin}AAAA\r{end}")]
    [InlineData("{begin}AAAA\n-----END AGE ENCRYPTED FILE----\n")]
    [InlineData("{begin}AAAA\n-----END AGE ENCRYPTED FILE-----\r")] // half a CRLF
    public void Refuses_all_else(string text) => Assert.False(Opens(text));

    [Fact]
    public void A_text_ends_once_and_takes_no_more()
    {
        using var text = new MemoryStream();
        var armor = AgeArmor.Write(text);
        armor.Dispose();
        armor.Dispose();
        Assert.Equal(Begin + End, Encoding.ASCII.GetString(text.ToArray()));
        Assert.Throws<ObjectDisposedException>(() => armor.Write([1]));
    }

    [Fact]
    public void An_age_file_is_not_taken_for_armor()
    {
        Assert.False(AgeArmor.Begins(new MemoryStream("age-encryption.org/v1\n"u8.ToArray())));
        Assert.False(AgeArmor.Begins(new MemoryStream()));
    }

    [Fact]
    public void A_text_that_changes_after_it_was_checked_is_an_IO_error()
    {
        using var text = new MemoryStream(Encoding.ASCII.GetBytes(Begin + FullLine + "\nAAAA\n" + End));
        Assert.True(AgeArmor.TryOpen(text, out var read));
        text.Position = Begin.Length;
        text.Write("AA*A"u8);
        read.Position = 1;
        read.Position = 0; // begins again, and with that reads the text again
        Assert.Throws<IOException>(() => read.ReadExactly(new byte[51]));
    }

    [Fact]
    public void A_text_that_has_lost_its_beginning_is_not_read_again()
    {
        using var text = new MemoryStream(Encoding.ASCII.GetBytes(Begin + FullLine + "\nAAAA\n" + End));
        Assert.True(AgeArmor.TryOpen(text, out var read));
        read.Position = 1;
        text.Position = 0;
        text.WriteByte((byte)'x');
        Assert.Throws<IOException>(() => read.Position = 0);
    }

    private static bool Opens(string text) => AgeArmor.TryOpen(new MemoryStream(Bytes(text)), out _);

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text
        .Replace("{begin}", Begin, StringComparison.Ordinal)
        .Replace("{full}", FullLine, StringComparison.Ordinal)
        .Replace("{end}", End, StringComparison.Ordinal));
}
