using System.Buffers.Binary;
using System.Runtime.Versioning;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Tests.Sealing.Keys;

[UnsupportedOSPlatform("windows")]
public sealed class KeyFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly string _path;

    public KeyFileTests()
    {
        _path = Path.Combine(_folder.FullName, "keys");
        using var secrets = new NamedSecrets();
        secrets.Add("signing", [1, 2, 3]);
        secrets.Add("a/1", []);
        KeyFile.Save(_path, "passphrase"u8, secrets, KeyFileCost.Least);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_was_saved_loads_with_its_passphrase()
    {
        Assert.True(KeyFile.TryLoad(_path, "passphrase"u8, out var secrets, out _));
        using (secrets)
        {
            Assert.Equal(["a/1", "signing"], secrets.Names);
            Assert.Equal([1, 2, 3], secrets["signing"].ToArray());
            Assert.Equal([], secrets["a/1"].ToArray());
        }
    }

    [Fact]
    public void Saving_costs_a_guesser_256_MiB_and_three_passes()
    {
        using var secrets = new NamedSecrets();
        KeyFile.Save(_path, "passphrase"u8, secrets);
        var file = File.ReadAllBytes(_path);
        Assert.Equal(256u * 1024, BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(18)));
        Assert.Equal(3u, BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(22)));
        Assert.Null(Refusal(file));
    }

    [Fact]
    public void A_wrong_passphrase_is_said_so()
    {
        Assert.False(KeyFile.TryLoad(_path, "Passphrase"u8, out _, out var fault));
        Assert.Equal(KeyFileFault.WrongPassphrase, fault);
        Assert.False(KeyFile.TryLoad(_path, ""u8, out _, out fault));
        Assert.Equal(KeyFileFault.WrongPassphrase, fault);
    }

    [Fact]
    public void A_file_of_another_kind_or_a_later_version_is_told_apart()
    {
        var file = File.ReadAllBytes(_path);
        Assert.Equal(KeyFileFault.Foreign, Refusal([]));
        Assert.Equal(KeyFileFault.Foreign, Refusal("age-encryption.org/v1\n"u8.ToArray()));
        Assert.Equal(KeyFileFault.Foreign, Refusal(With(file, 17, 0)));
        Assert.Equal(KeyFileFault.Newer, Refusal(With(file, 17, 2)));
        Assert.Equal(KeyFileFault.Newer, Refusal(With(file, 16, 1)));
    }

    [Fact]
    public void A_file_cut_or_extended_is_told_apart()
    {
        var file = File.ReadAllBytes(_path);
        for (var length = 16; length < file.Length; length++) Assert.Equal(KeyFileFault.LengthDiffers, Refusal(file[..length]));
        Assert.Equal(KeyFileFault.LengthDiffers, Refusal([.. file, 0]));
    }

    [Theory]
    [InlineData(8 * 1024 - 1, 1)]
    [InlineData(1024 * 1024 + 1, 1)]
    [InlineData(uint.MaxValue, 1)]
    [InlineData(8 * 1024, 0)]
    [InlineData(8 * 1024, 17)]
    [InlineData(8 * 1024, uint.MaxValue)]
    public void A_file_that_asks_for_too_much_or_too_little_is_refused_before_memory_is_taken(uint memory, uint passes)
    {
        var file = File.ReadAllBytes(_path);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(18), memory);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(22), passes);
        Assert.Equal(KeyFileFault.CostOutOfBounds, Refusal(file));
    }

    [Fact]
    public void Any_other_byte_altered_is_refused()
    {
        var file = File.ReadAllBytes(_path);
        foreach (var at in Enumerable.Range(26, 40).Concat(Enumerable.Range(70, file.Length - 70)))
            Assert.Equal(KeyFileFault.WrongPassphrase, Refusal(With(file, at, (byte)(file[at] ^ 1))));
    }

    [Fact]
    public void Saving_leaves_one_file_that_only_its_owner_may_read()
    {
        Assert.Equal([_path], Directory.GetFiles(_folder.FullName));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_path));
    }

    [Fact]
    public void What_a_crash_left_beside_the_file_does_not_matter()
    {
        File.WriteAllText(_path + ".new", "half");
        using var secrets = new NamedSecrets();
        secrets.Add("other", [9]);
        KeyFile.Save(_path, "passphrase"u8, secrets, KeyFileCost.Least);

        Assert.True(KeyFile.TryLoad(_path, "passphrase"u8, out var read, out _));
        using (read) Assert.Equal(["other"], read.Names);
        Saving_leaves_one_file_that_only_its_owner_may_read();
    }

    [Fact]
    public void A_save_that_fails_leaves_the_old_file()
    {
        Directory.CreateDirectory(_path + ".new");
        using var secrets = new NamedSecrets();
        Assert.ThrowsAny<Exception>(() => KeyFile.Save(_path, "other"u8, secrets, KeyFileCost.Least));
        Assert.True(KeyFile.TryLoad(_path, "passphrase"u8, out var read, out _));
        read.Dispose();
    }

    [Fact]
    public void A_file_that_is_not_there_is_the_callers_to_see() =>
        Assert.Throws<FileNotFoundException>(() => KeyFile.TryLoad(_path + "s", "passphrase"u8, out _, out _));

    [Fact]
    public void An_empty_passphrase_is_the_callers_mistake()
    {
        using var secrets = new NamedSecrets();
        Assert.Throws<ArgumentException>(() => KeyFile.Save(_path, [], secrets));
    }

    private KeyFileFault? Refusal(byte[] file)
    {
        var path = Path.Combine(_folder.FullName, "other");
        File.WriteAllBytes(path, file);
        if (KeyFile.TryLoad(path, "passphrase"u8, out var secrets, out var fault)) secrets.Dispose();
        return fault;
    }

    private static byte[] With(byte[] file, int at, byte value) => [.. file[..at], value, .. file[(at + 1)..]];
}
