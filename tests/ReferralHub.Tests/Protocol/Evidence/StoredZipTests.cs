using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using ReferralHub.Protocol.Evidence;

namespace ReferralHub.Tests.Protocol.Evidence;

/// <summary>One set of files has one archive (docs/protocol.md §5). The independent reader is the framework's.</summary>
public sealed class StoredZipTests
{
    private static readonly ZipEntry[] Files = [File("a", "first"), File("b/c", ""), File("b/d.json", "third")];

    [Fact]
    public void Another_reader_finds_the_same_files_stored_without_times()
    {
        using var archive = new ZipArchive(new MemoryStream(Bytes(Files)), ZipArchiveMode.Read);

        Assert.Equal(Files.Select(file => file.Path), archive.Entries.Select(entry => entry.FullName));
        foreach (var (file, entry) in Files.Zip(archive.Entries))
        {
            using var content = new MemoryStream();
            using (var stream = entry.Open()) stream.CopyTo(content);
            Assert.Equal(file.Content.ToArray(), content.ToArray());
            Assert.Equal(entry.Length, entry.CompressedLength);
            Assert.Equal(file.Crc, entry.Crc32);
            Assert.Equal(new DateTime(1980, 1, 1), entry.LastWriteTime.DateTime);
        }
    }

    [Fact]
    public void The_check_value_is_that_of_the_standard() => Assert.Equal(0xCBF43926, StoredZip.Crc32("123456789"u8));

    [Fact]
    public void What_was_written_is_read_again()
    {
        Assert.True(StoredZip.TryRead(Bytes(Files), out var entries, out var suspect));
        Assert.Null(suspect);
        Assert.Equal(Files.Select(Spelt), entries.Select(Spelt));
        Assert.Equal(Bytes(Files).Length, StoredZip.SizeOf(Files));
    }

    [Fact]
    public void An_archive_of_nothing_is_an_archive() => Assert.True(StoredZip.TryRead(Bytes([]), out _, out _));

    [Fact]
    public void Any_bit_changed_anywhere_is_refused()
    {
        var zip = Bytes(Files);
        for (var bit = 0; bit < zip.Length * 8; bit++)
        {
            zip[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.False(StoredZip.TryRead(zip, out _, out _), $"bit {bit}");
            zip[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    [Fact]
    public void Any_cut_and_anything_added_in_front_or_behind_is_refused()
    {
        var zip = Bytes(Files);
        for (var length = 0; length < zip.Length; length++) Assert.False(StoredZip.TryRead(zip.AsMemory(0, length), out _, out _));
        Assert.False(StoredZip.TryRead((byte[])[.. zip, 0], out _, out _));
        Assert.False(StoredZip.TryRead((byte[])[0, .. zip], out _, out _));
    }

    [Fact]
    public void A_change_in_an_entry_names_the_entry_and_one_behind_them_names_the_archive()
    {
        var zip = Bytes(Files);
        Assert.Equal("b/d.json", SuspectAfterChangeAt(zip.AsSpan().LastIndexOf("third"u8)));
        Assert.Equal("a", SuspectAfterChangeAt(zip.AsSpan().IndexOf("first"u8)));
        Assert.Equal("evidence.zip", SuspectAfterChangeAt(zip.Length - 1));

        string? SuspectAfterChangeAt(int at)
        {
            byte[] changed = [.. zip];
            changed[at] ^= 1;
            Assert.False(StoredZip.TryRead(changed, out _, out var suspect));
            return suspect;
        }
    }

    public static TheoryData<string, string> Unordered => new()
    {
        { "b", "a" },
        { "a", "a" },
        { "a", "B" },
    };

    [Theory]
    [MemberData(nameof(Unordered))]
    public void Paths_ascend_byte_by_byte_and_none_is_there_twice(string first, string second) =>
        Refused([File(first, "1"), File(second, "2")]);

    [Theory]
    [InlineData(0x00)]
    [InlineData(0x1B)]
    [InlineData(0x20)]
    [InlineData(0x7F)]
    [InlineData(0xE4)]
    public void Paths_are_visible_ASCII(byte letter)
    {
        Assert.False(StoredZip.IsWellFormed([File(((char)letter).ToString(), "")]));
        Assert.False(StoredZip.TryRead(Array.ConvertAll(Bytes([File("X", "")]), b => b == 'X' ? letter : b), out _, out _));
    }

    [Fact]
    public void Paths_are_not_empty() => Refused([File("", "1")]);

    [Fact]
    public void Paths_have_at_most_255_characters()
    {
        Assert.True(StoredZip.IsWellFormed([File(new string('a', 255), "")]));
        Refused([File(new string('a', 256), "")]);
    }

    [Fact]
    public void Archives_have_at_most_64_MiB()
    {
        var room = StoredZip.MaxSize - (int)StoredZip.SizeOf([File("a", "")]);
        Assert.True(StoredZip.IsWellFormed([new("a", new byte[room])]));
        Assert.False(StoredZip.IsWellFormed([new("a", new byte[room + 1])]));
        Assert.False(StoredZip.TryRead(new byte[StoredZip.MaxSize + 1], out _, out _));
    }

    [Fact]
    public void Archives_have_fewer_entries_than_zip_needs_its_64_bit_form_for()
    {
        ZipEntry[] most = [.. Enumerable.Range(0, 65_534).Select(i => File(i.ToString("D5", null), ""))];
        Assert.True(StoredZip.IsWellFormed(most));
        Assert.False(StoredZip.IsWellFormed([.. most, File("99999", "")]));
    }

    [Fact]
    public void A_size_that_points_past_the_end_is_refused()
    {
        var zip = Bytes(Files);
        foreach (var size in (uint[])[uint.MaxValue, int.MaxValue, (uint)zip.Length])
        {
            BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(22), size);
            Assert.False(StoredZip.TryRead(zip, out _, out _));
        }
    }

    [Fact]
    public void What_the_framework_writes_is_refused_even_when_stored()
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry("a", CompressionLevel.NoCompression).Open();
            entry.Write("first"u8);
        }

        Assert.False(StoredZip.TryRead(stream.ToArray(), out _, out _));
    }

    private static void Refused(ZipEntry[] entries)
    {
        Assert.False(StoredZip.IsWellFormed(entries));
        Assert.False(StoredZip.TryRead(Bytes(entries), out _, out _));
    }

    private static ZipEntry File(string path, string content) => new(path, Encoding.ASCII.GetBytes(content));

    private static byte[] Bytes(ZipEntry[] entries) => [.. StoredZip.Write(entries).SelectMany(piece => piece.ToArray())];

    private static string Spelt(ZipEntry entry) => entry.Path + "=" + Encoding.ASCII.GetString(entry.Content.Span);
}
