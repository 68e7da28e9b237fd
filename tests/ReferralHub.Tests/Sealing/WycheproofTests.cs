using System.Security.Cryptography;
using NSec.Cryptography;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Log;
using ReferralHub.Sealing.Age;
using Framework = System.Security.Cryptography.ChaCha20Poly1305;

namespace ReferralHub.Tests.Sealing;

/// <summary>
/// The ciphers and key derivations that age files, key files and commitments are made of, in the very implementations that
/// seal here: the framework's over this machine's OpenSSL, and libsodium's.
/// </summary>
[Trait("group", "vectors")]
public sealed class WycheproofTests
{
    private delegate byte[]? Opener(byte[] key, byte[] nonce, byte[] associated, byte[] sealedBytes);

    [Fact]
    public void ChaCha20_Poly1305_opens_what_it_should_and_libsodium_agrees() =>
        RunAead("chacha20_poly1305_test.json", Agreeing(OpenWithFramework, OpenWith(AeadAlgorithm.ChaCha20Poly1305)), 325, accepted: 256);

    [Fact]
    public void XChaCha20_Poly1305_opens_what_it_should() =>
        RunAead("xchacha20_poly1305_test.json", OpenWith(AeadAlgorithm.XChaCha20Poly1305), 315, accepted: 246);

    // No secret leaves X25519Recipient, so what is compared is the wrap key that age derives from it.
    [Fact]
    public void X25519_agrees_on_what_it_should_and_refuses_a_point_of_low_order()
    {
        var tally = new Tally("wycheproof x25519");
        foreach (var (_, test) in SharedVectors.Wycheproof("x25519_test.json"))
        {
            var (other, shared) = (test.Hex("public"), test.Hex("shared"));
            using var own = Key.Import(KeyAgreementAlgorithm.X25519, test.Hex("private"), KeyBlobFormat.RawPrivateKey);
            var key = new byte[32];
            var agrees = X25519Recipient.TryDeriveKey(own, other, other, other, key);
            Assert.True(agrees == shared.Any(b => b != 0), test.GetRawText());
            if (agrees) Assert.Equal(HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, 32, [.. other, .. other], "age-encryption.org/v1/X25519"u8.ToArray()), key);
            Assert.Equal(agrees, EncryptionKey.TryImport(other, out _));
            tally.Ran(agrees);
        }

        tally.Close(518, 518, 487);
    }

    [Fact]
    public void HKDF_derives_what_it_should_at_once_and_in_two_steps()
    {
        var tally = new Tally("wycheproof hkdf");
        foreach (var (_, test) in SharedVectors.Wycheproof("hkdf_sha256_test.json"))
        {
            var (key, salt, info, okm) = (test.Hex("ikm"), test.Hex("salt"), test.Hex("info"), test.Hex("okm"));
            var size = test.GetProperty("size").GetInt32();
            if (test.IsValid())
            {
                Assert.Equal(okm, HKDF.DeriveKey(HashAlgorithmName.SHA256, key, size, salt, info));
                Assert.Equal(okm, HKDF.Expand(HashAlgorithmName.SHA256, HKDF.Extract(HashAlgorithmName.SHA256, key, salt), size, info));
            }
            else
            {
                Assert.ThrowsAny<ArgumentException>(() => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, size, salt, info));
            }

            tally.Ran(test.IsValid());
        }

        tally.Close(86, 86, 83);
    }

    [Fact]
    public void HMAC_takes_the_right_tag_only_and_a_commitment_does_so_too()
    {
        var tally = new Tally("wycheproof hmac");
        foreach (var (theGroup, test) in SharedVectors.Wycheproof("hmac_sha256_test.json"))
        {
            var (key, message, tag) = (test.Hex("key"), test.Hex("msg"), test.Hex("tag"));
            Assert.True(HMACSHA256.HashData(key, message).AsSpan(0, tag.Length).SequenceEqual(tag) == test.IsValid(), test.GetRawText());
            tally.Ran(test.IsValid());

            // What a commitment never is: under a longer or shorter opening, or cut.
            var isOne = key.Length == Commitment.OpeningSize && theGroup.GetProperty("tagSize").GetInt32() == 256;
            Assert.Equal(isOne && test.IsValid(), Commitment.Opens([1, 7, .. tag], 7, key, message));
        }

        tally.Close(174, 174, 66);
    }

    private static void RunAead(string file, Opener open, int cases, int accepted)
    {
        var tally = new Tally($"wycheproof {file[..file.LastIndexOf("_test", StringComparison.Ordinal)]}");
        foreach (var (_, test) in SharedVectors.Wycheproof(file))
        {
            var opened = open(test.Hex("key"), test.Hex("iv"), test.Hex("aad"), [.. test.Hex("ct"), .. test.Hex("tag")]);
            Assert.True(opened is not null == test.IsValid(), test.GetRawText());
            if (opened is not null) Assert.Equal(test.Hex("msg"), opened);
            tally.Ran(opened is not null);
        }

        tally.Close(cases, cases, accepted);
    }

    private static Opener Agreeing(Opener one, Opener other) => (key, nonce, associated, sealedBytes) =>
    {
        var opened = one(key, nonce, associated, sealedBytes);
        Assert.Equal(opened, other(key, nonce, associated, sealedBytes));
        return opened;
    };

    private static byte[]? OpenWithFramework(byte[] key, byte[] nonce, byte[] associated, byte[] sealedBytes)
    {
        if (nonce.Length != 12) return null; // both throw: the caller's mistake
        using var cipher = new Framework(key);
        var plain = new byte[sealedBytes.Length - 16];
        try
        {
            cipher.Decrypt(nonce, sealedBytes.AsSpan(..^16), sealedBytes.AsSpan(^16..), plain, associated);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static Opener OpenWith(AeadAlgorithm algorithm) => (raw, nonce, associated, sealedBytes) =>
    {
        if (nonce.Length != algorithm.NonceSize) return null;
        using var key = Key.Import(algorithm, raw, KeyBlobFormat.RawSymmetricKey);
        return algorithm.Decrypt(key, nonce, associated, sealedBytes);
    };
}
