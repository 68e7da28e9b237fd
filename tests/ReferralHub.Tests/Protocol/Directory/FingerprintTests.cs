using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Directory;

/// <summary>docs/protocol.md §2.2, against values that Python computed.</summary>
public sealed class FingerprintTests
{
    // f = lambda o, a, key: hashlib.sha256(f"{o}\n{a}\n".encode() + key); digits: f"{int.from_bytes(d, 'big') % 10**60:060d}"
    [Theory]
    [InlineData("hub.example", "north-police", "850bcbc241555a6a1059d511f7e318da13deb4a947089868e450df6d7eaad2d1", "01344 74821 06447 18290 93637 97083 31520 91370 24443 30272 58905 27953")]
    [InlineData("hub.example", "harbour-shelter", "055154a773db5e1c348dad6687a83f080c70b78d87d86d20d0f621e609ff2aa8", "03969 88858 48163 03004 52297 79384 27412 36554 25988 11834 32691 65736")]
    [InlineData("other.example", "north-police", "a989daa829f68d75741c7330bad33e236e0771a9898099d3df8cfe63c93013bd", "51667 61201 83528 05783 53838 23156 71394 92302 68079 72303 49691 17629")]
    public void A_recovery_key_has_another_fingerprint_at_each_hub_and_under_each_name(string origin, string agency, string digest, string digits)
    {
        Assert.True(CanonicalBase64.Url.TryDecode("7UkoxijRwsbq6QM4kFmVYSlZJzpcY_k2NsFGFKyHN9E", out var raw));
        Assert.True(VerifyingKey.TryImport(raw, out var recovery));

        var fingerprint = Fingerprint.Of(Origin.Parse(origin), AgencyId.Parse(agency), recovery);

        Assert.Equal(digest, fingerprint.ToString());
        Assert.Equal(digits, Fingerprint.Digits(fingerprint));
    }

    // 0, 1, 10^60, 10^60 + 42 and 2^256 - 1.
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "00000 00000 00000 00000 00000 00000 00000 00000 00000 00000 00000 00000")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000001", "00000 00000 00000 00000 00000 00000 00000 00000 00000 00000 00000 00001")]
    [InlineData("000000000000009f4f2726179a224501d762422c946590d91000000000000000", "00000 00000 00000 00000 00000 00000 00000 00000 00000 00000 00000 00000")]
    [InlineData("000000000000009f4f2726179a224501d762422c946590d9100000000000002a", "00000 00000 00000 00000 00000 00000 00000 00000 00000 00000 00000 00042")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "42357 09850 08687 90785 32699 84665 64056 40394 57584 00791 31296 39935")]
    public void Digits_are_the_last_sixty_of_the_number_with_zeros_in_front(string digest, string digits)
    {
        Assert.True(Digest.TryParse(digest, out var fingerprint));
        Assert.Equal(digits, Fingerprint.Digits(fingerprint));
    }

    // w = open(list).read().split(); n = int(digest, 16); " ".join(w[n >> 256 - 11 * k & 2047] for k in range(1, 13))
    [Theory]
    [InlineData("850bcbc241555a6a1059d511f7e318da13deb4a947089868e450df6d7eaad2d1", "lunar furnace vacuum live fiber crush door deny ball sample shiver reflect")]
    [InlineData("055154a773db5e1c348dad6687a83f080c70b78d87d86d20d0f621e609ff2aa8", "aim melt clap tray remove asthma split remember grief diary average avoid")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon")]
    [InlineData("000000000000000000000000000000000fffffffffffffffffffffffffffffff", "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo")]
    public void Words_are_twelve_of_the_list_for_the_first_132_bits(string digest, string words)
    {
        Assert.True(Digest.TryParse(digest, out var fingerprint));
        Assert.Equal(words, Fingerprint.Words(fingerprint));
    }

    [Fact]
    public void The_list_is_the_one_that_the_protocol_names()
    {
        using var list = typeof(Fingerprint).Assembly.GetManifestResourceStream("fingerprint-words.txt");
        Assert.NotNull(list);
        Assert.Equal("2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(list)));
    }
}
