using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Tests.Cryptography.Encodings;

public sealed class CanonicalBase64Tests
{
    public static TheoryData<string, string, string, string> Spellings => new()
    {
        // RFC 4648 §10, and the letters in which the alphabets differ
        { "", "", "", "" },
        { "66", "Zg==", "Zg", "Zg" },
        { "666f", "Zm8=", "Zm8", "Zm8" },
        { "666f6f", "Zm9v", "Zm9v", "Zm9v" },
        { "fbff", "+/8=", "+/8", "-_8" },
    };

    [Theory, MemberData(nameof(Spellings))]
    public void Has_one_spelling_in_each_variant(string hex, string padded, string unpadded, string url)
    {
        var bytes = Convert.FromHexString(hex);
        foreach (var (variant, text) in new[]
        {
            (CanonicalBase64.Padded, padded), (CanonicalBase64.Unpadded, unpadded), (CanonicalBase64.Url, url),
        })
        {
            Assert.Equal(text, variant.Encode(bytes));
            Assert.True(variant.TryDecode(text, out var decoded));
            Assert.Equal(bytes, decoded);
        }
    }

    [Theory]
    [InlineData("Zg")]      // no padding
    [InlineData("Zg=")]     // too little of it
    [InlineData("Zg===")]   // too much
    [InlineData("Zg==\n")]  // white space
    [InlineData("Z g==")]
    [InlineData("Zh==")]    // non-zero tail bits
    [InlineData("Zm9=")]
    [InlineData("-_8=")]    // the other alphabet
    [InlineData("Z===")]
    [InlineData("Zg==Zg==")]
    [InlineData("Zgé=")]
    public void Padded_refuses_other_spellings(string text) => Assert.False(CanonicalBase64.Padded.TryDecode(text, out _));

    [Theory]
    [InlineData("Zg==")]
    [InlineData("Zh")]
    [InlineData("Zm9")]
    [InlineData("Z")]
    [InlineData("Zm9vZ")]
    [InlineData("Zg\n")]
    [InlineData(" Zg")]
    [InlineData("-_8")]
    public void Unpadded_refuses_other_spellings(string text) => Assert.False(CanonicalBase64.Unpadded.TryDecode(text, out _));

    [Theory]
    [InlineData("Zg==")]
    [InlineData("Zh")]
    [InlineData("Zm9")]
    [InlineData("Z")]
    [InlineData("Zg\n")]
    [InlineData("Z\tg")]
    [InlineData("+/8")]
    public void Url_refuses_other_spellings(string text) => Assert.False(CanonicalBase64.Url.TryDecode(text, out _));
}
