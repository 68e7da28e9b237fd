using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Tests.Cryptography.Encodings;

public sealed class Bech32Tests
{
    [Theory]
    // BIP-173's own valid examples, those whose data is whole bytes.
    [InlineData("a", "a12uel5l", "")]
    [InlineData("A", "A12UEL5L", "")]
    [InlineData("abcdef", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "00443214c74254b635cf84653a56d7c675be77df")]
    public void Spells_the_examples_of_BIP_173(string prefix, string text, string hex)
    {
        Assert.Equal(text, Bech32.Encode(prefix, Convert.FromHexString(hex)));
        Assert.True(Bech32.TryDecode(prefix, text, out var bytes));
        Assert.Equal(hex, Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void What_is_spelt_reads_back_at_every_length()
    {
        for (var length = 0; length < 300; length++)
        {
            var bytes = Enumerable.Range(7, length).Select(i => (byte)(i * 31 % 256)).ToArray();
            foreach (var prefix in (string[])["age1pq", "AGE-SECRET-KEY-PQ-"])
            {
                Assert.True(Bech32.TryDecode(prefix, Bech32.Encode(prefix, bytes), out var read));
                Assert.Equal(bytes, read);
            }
        }
    }

    [Theory]
    [InlineData("age")]
    [InlineData("AGE")]
    public void Refuses_every_single_character_replaced(string prefix)
    {
        var text = Bech32.Encode(prefix, [1, 2, 3, 4, 5, 6, 7, 8]);
        for (var at = 0; at < text.Length; at++)
        {
            foreach (var other in "qpzry9x8gf2tvdw0s3jn54khce6mua7lQPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LbioBIO1 \u212A")
            {
                if (text[at] == other) continue;
                Assert.False(Bech32.TryDecode(prefix, $"{text[..at]}{other}{text[(at + 1)..]}", out _));
            }
        }
    }

    [Theory]
    [InlineData("a", "A12UEL5L")] // the other case than the prefix
    [InlineData("a", "a12uEl5l")] // mixed case
    [InlineData("a", "a12uel5")] // cut
    [InlineData("a", "a12uel5ll")] // extended
    [InlineData("a", "b12uel5l")] // another prefix
    [InlineData("a", "a")]
    [InlineData("a", "")]
    [InlineData("a", "a1q2uel5l")] // bad checksum
    public void Refuses_other_spellings(string prefix, string text) => Assert.False(Bech32.TryDecode(prefix, text, out _));

    [Fact]
    public void Refuses_padding_that_is_not_zero_or_a_whole_symbol()
    {
        // Symbols chosen here, the checksum made to fit: only the padding is wrong.
        Assert.True(Bech32.TryDecode("a", WithChecksum("a", [0, 0]), out _)); // 8 bits and 2 of zero
        Assert.False(Bech32.TryDecode("a", WithChecksum("a", [0, 1]), out _)); // 8 bits and 2 that are not zero
        Assert.False(Bech32.TryDecode("a", WithChecksum("a", [0]), out _)); // 5 bits: one symbol too many
        Assert.False(Bech32.TryDecode("a", WithChecksum("a", [0, 0, 0]), out _)); // 8 bits and 7
    }

    [Fact]
    public void Spells_into_exactly_the_length_it_takes() =>
        Assert.Throws<ArgumentException>(() => Bech32.Encode("age", [1, 2, 3], new char[Bech32.EncodedLength("age", 3) + 1]));

    private static string WithChecksum(string prefix, int[] symbols)
    {
        const string Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
        var values = prefix.Select(c => c >> 5).Append(0).Concat(prefix.Select(c => c & 31)).Concat(symbols).Concat(new int[6]);
        uint[] generator = [0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3];
        var checksum = values.Aggregate(1u, (c, v) => generator
            .Where((_, bit) => (c >> 25 >> bit & 1) != 0)
            .Aggregate((c & 0x1FFFFFF) << 5 ^ (uint)v, (sum, g) => sum ^ g)) ^ 1;
        return $"{prefix}1{string.Concat(symbols.Select(s => Letters[s]))}"
            + string.Concat(Enumerable.Range(0, 6).Select(i => Letters[(int)(checksum >> 5 * (5 - i)) & 31]));
    }
}
