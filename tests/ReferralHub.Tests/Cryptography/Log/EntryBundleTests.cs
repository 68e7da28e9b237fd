using ReferralHub.Cryptography.Log;

namespace ReferralHub.Tests.Cryptography.Log;

public sealed class EntryBundleTests
{
    private static readonly ReadOnlyMemory<byte>[] Three = [new byte[] { 1, 2 }, Array.Empty<byte>(), new byte[] { 3 }];

    private static readonly byte[] Bundle = [0, 2, 1, 2, 0, 0, 0, 1, 3];

    [Fact]
    public void Is_length_and_bytes_of_each_entry_in_order()
    {
        Assert.Equal(Bundle, EntryBundle.Encode(Three));
        Assert.True(EntryBundle.TryDecode(Bundle, 3, out var entries));
        Assert.Equal(Three.Select(entry => entry.ToArray()), entries.Select(entry => entry.ToArray()));
    }

    [Fact]
    public void Refuses_another_width()
    {
        Assert.False(EntryBundle.TryDecode(Bundle, 2, out _));
        Assert.False(EntryBundle.TryDecode(Bundle, 4, out _));
        Assert.False(EntryBundle.TryDecode(Array.Empty<byte>(), 1, out _));
    }

    [Fact]
    public void Refuses_every_truncation_and_anything_after_the_last_entry()
    {
        for (var length = 0; length < Bundle.Length; length++)
            Assert.False(EntryBundle.TryDecode(Bundle.AsMemory(0, length), 3, out _));
        Assert.False(EntryBundle.TryDecode((byte[])[.. Bundle, 0], 3, out _));
    }

    [Fact]
    public void Entry_length_has_16_bits()
    {
        var longest = EntryBundle.Encode([new byte[65_535]]);
        Assert.True(EntryBundle.TryDecode(longest, 1, out var entries));
        Assert.Equal(65_535, entries[0].Length);
        Assert.Throws<ArgumentException>(() => EntryBundle.Encode([new byte[65_536]]));
    }

    [Fact]
    public void Holds_1_to_256_entries()
    {
        Assert.Equal(512, EntryBundle.Encode(new ReadOnlyMemory<byte>[256]).Length);
        Assert.Throws<ArgumentException>(() => EntryBundle.Encode([]));
        Assert.Throws<ArgumentException>(() => EntryBundle.Encode(new ReadOnlyMemory<byte>[257]));
    }
}
