using ReferralHub.Cryptography;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Tests.Cryptography.Age;

public sealed class EncryptionKeyTests
{
    private static readonly byte[] Raw = Sodium.XWingPublicKey(Enumerable.Repeat((byte)7, 32).ToArray());

    [Fact]
    public void Its_text_reads_back_as_the_same_key()
    {
        Assert.True(EncryptionKey.TryImport(Raw, out var key));
        Assert.StartsWith("age1pq1", key.ToString(), StringComparison.Ordinal);
        Assert.Equal(1959, key.ToString().Length);
        Assert.True(EncryptionKey.TryParse(key.ToString(), out var read));
        Assert.Equal(key, read);
        Assert.Equal(Raw, read.ToArray());
        Assert.Equal(Digest.Of(Raw), read.Fingerprint);
        Assert.True(EncryptionKey.TryImport(Sodium.XWingPublicKey(new byte[32]), out var other));
        Assert.NotEqual(key, other);
        Assert.False(EncryptionKey.TryParse(null, out _));
    }

    [Fact]
    public void An_X25519_key_keeps_the_bytes_it_was_given()
    {
        // RFC 7748 §6.1, and the same point with the top bit set that X25519 ignores.
        var raw = Convert.FromHexString("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
        foreach (var given in (byte[][])[raw, [.. raw[..^1], (byte)(raw[^1] | 0x80)]])
        {
            Assert.True(EncryptionKey.TryImport(given, out var key));
            Assert.Equal((false, "X25519", 62), (key.IsPostQuantum, key.StanzaType, key.ToString().Length));
            Assert.StartsWith("age1", key.ToString(), StringComparison.Ordinal);
            Assert.True(EncryptionKey.TryParse(key.ToString(), out var read));
            Assert.Equal(given, read.ToArray());
        }
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    [InlineData("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // p - 1
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // p
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // p + 1
    [InlineData("0000000000000000000000000000000000000000000000000000000000000080")] // 0 with the ignored bit
    public void Refuses_an_X25519_key_of_low_order(string hex)
    {
        Assert.False(EncryptionKey.TryImport(Convert.FromHexString(hex), out _));
        Assert.False(EncryptionKey.TryParse(Bech32.Encode("age", Convert.FromHexString(hex)), out _));
    }

    [Fact]
    public void Refuses_a_key_whose_X25519_half_is_of_low_order()
    {
        byte[] lowOrder = [.. Raw[..^32], .. new byte[32]];
        Assert.False(EncryptionKey.TryImport(lowOrder, out _));
        Assert.False(EncryptionKey.TryParse(Bech32.Encode("age1pq", lowOrder), out _));
    }

    [Fact]
    public void Refuses_a_key_whose_ML_KEM_half_is_not_reduced()
    {
        // FIPS 203 §7.2: coefficients of 12 bits, each below 3,329. This one is 4,095.
        byte[] unreduced = [0xFF, (byte)(Raw[1] | 0x0F), .. Raw[2..]];
        Assert.False(EncryptionKey.TryImport(unreduced, out _));
    }

    [Fact]
    public void Refuses_other_lengths_and_other_spellings()
    {
        Assert.False(EncryptionKey.TryImport(Raw.AsSpan(1), out _));
        Assert.False(EncryptionKey.TryImport([.. Raw, 0], out _));
        Assert.False(EncryptionKey.TryParse(null, out _));
        Assert.False(EncryptionKey.TryParse("", out _));
        Assert.False(EncryptionKey.TryParse(Bech32.Encode("age", Raw), out _));
        Assert.False(EncryptionKey.TryParse(Bech32.Encode("AGE1PQ", Raw), out _));
        Assert.False(EncryptionKey.TryParse(Bech32.Encode("age1pq", Raw.AsSpan(..32)), out _));
        Assert.False(EncryptionKey.TryParse(Bech32.Encode("age1pq", Raw) + "\n", out _));
    }
}
