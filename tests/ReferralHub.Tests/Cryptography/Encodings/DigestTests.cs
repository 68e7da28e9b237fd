using System.Text;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Tests.Cryptography.Encodings;

public sealed class DigestTests
{
    // FIPS 180-4, the example "abc".
    private const string Abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    [Fact]
    public void Is_SHA_256_in_lowercase_hex() => Assert.Equal(Abc, Digest.Of("abc"u8).ToString());

    [Fact]
    public void Reads_back_what_it_writes()
    {
        var digest = Digest.Of("abc"u8);
        Assert.True(Digest.TryParse(Abc, out var parsed));
        Assert.True(parsed == digest);
        Assert.Equal(digest.GetHashCode(), parsed.GetHashCode());
        Assert.Equal(digest, Digest.From(digest.ToArray()));
        var copy = new byte[40];
        digest.CopyTo(copy);
        Assert.Equal(Convert.FromHexString(Abc + "0000000000000000"), copy);
    }

    [Fact]
    public void Differs_when_any_bit_differs()
    {
        var digest = Digest.Of("abc"u8);
        for (var bit = 0; bit < 8 * Digest.Size; bit++)
        {
            var raw = digest.ToArray();
            raw[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(Digest.From(raw) != digest);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")]
    [InlineData("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a")]
    [InlineData("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0")]
    [InlineData("ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData(" a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void Refuses_any_other_text(string? text) => Assert.False(Digest.TryParse(text, out _));

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Takes_32_bytes_only(int length) => Assert.Throws<ArgumentException>(() => Digest.From(new byte[length]));

    [Fact]
    public void Equals_nothing_that_is_no_digest() => Assert.False(Digest.Of("abc"u8).Equals(Encoding.ASCII.GetBytes(Abc)));
}
