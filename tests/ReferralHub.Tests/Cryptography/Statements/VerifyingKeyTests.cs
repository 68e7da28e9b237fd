using System.Numerics;
using System.Text;
using ReferralHub.Cryptography.Statements;

namespace ReferralHub.Tests.Cryptography.Statements;

public sealed class VerifyingKeyTests
{
    private static readonly byte[] Message = "referral"u8.ToArray();

    // RFC 8037 appendix A.2 and A.3: the key of RFC 8032's first test and its thumbprint.
    [Fact]
    public void Thumbprint_is_that_of_RFC_8037()
    {
        Assert.True(VerifyingKey.TryImport(
            Convert.FromHexString("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"), out var key));
        Assert.Equal("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", key.Thumbprint);
        Assert.Equal(key.Thumbprint, key.ToString());
    }

    [Fact]
    public void Raw_key_comes_back_as_it_went_in()
    {
        using var signing = Seeded.Key(1);
        Assert.True(VerifyingKey.TryImport(signing.VerifyingKey.ToArray(), out var imported));
        Assert.Equal(signing.VerifyingKey, imported);
        Assert.Equal(signing.VerifyingKey.GetHashCode(), imported.GetHashCode());

        using var other = Seeded.Key(2);
        Assert.NotEqual(signing.VerifyingKey, other.VerifyingKey);
    }

    [Theory]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")] // the identity
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")] // order 4
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")] // order 8
    [InlineData("801815e70ffa607a3956a51f94ba587a587e203b36255974040c54d591c90949")] // a good key plus a point of order 8
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // y not reduced
    [InlineData("f1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // y not reduced, large order
    [InlineData("0200000000000000000000000000000000000000000000000000000000000000")] // no point of the curve
    [InlineData("")]
    [InlineData("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f70751")]
    [InlineData("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a00")]
    public void Refuses_what_is_no_point_of_the_prime_order_group(string hex)
    {
        Assert.False(VerifyingKey.TryImport(Convert.FromHexString(hex), out var key));
        Assert.Null(key);
    }

    [Fact]
    public void Refuses_every_changed_bit_of_message_and_signature()
    {
        using var key = Seeded.Key(3);
        var signature = key.Sign(Message);
        Assert.True(key.VerifyingKey.Verifies(Message, signature));
        for (var bit = 0; bit < 8 * Message.Length; bit++) Assert.False(key.VerifyingKey.Verifies(Flip(Message, bit), signature));
        for (var bit = 0; bit < 8 * signature.Length; bit++) Assert.False(key.VerifyingKey.Verifies(Message, Flip(signature, bit)));
    }

    [Fact]
    public void Refuses_any_other_length()
    {
        using var key = Seeded.Key(3);
        var signature = key.Sign(Message);
        Assert.False(key.VerifyingKey.Verifies(Message, []));
        Assert.False(key.VerifyingKey.Verifies(Message, signature.AsSpan(0, 63)));
        Assert.False(key.VerifyingKey.Verifies(Message, [.. signature, 0]));
    }

    [Fact]
    public void Refuses_the_second_spelling_of_S()
    {
        using var key = Seeded.Key(3);
        var signature = key.Sign(Message);
        var order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", null);
        var s = new BigInteger(signature.AsSpan(32), isUnsigned: true) + order;
        Assert.True(s.TryWriteBytes(signature.AsSpan(32), out _, isUnsigned: true));
        Assert.False(key.VerifyingKey.Verifies(Message, signature));
    }

    // Whoever has the private key can make these: a cofactored check accepts the first seven, Go's the eighth. Were libsodium's
    // check to change, this is where it shows.
    [Fact]
    public void Refuses_signatures_that_only_some_libraries_accept()
    {
        using var key = Seeded.Key(3);
        var signatures = Encoding.ASCII.GetString(Vectors.Read("statements", "torsion-signatures.txt")).Split('\n')[1..^1];
        Assert.Equal(15, signatures.Length);
        foreach (var signature in signatures) Assert.False(key.VerifyingKey.Verifies(Message, Convert.FromHexString(signature)));
    }

    private static byte[] Flip(byte[] bytes, int bit)
    {
        byte[] flipped = [.. bytes];
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }
}
