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
        Assert.False(EncryptionKey.TryParse(Bech32.Encode("age1pq", Raw) + "\n", out _));
    }
}
