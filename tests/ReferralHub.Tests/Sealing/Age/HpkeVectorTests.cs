using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using NSec.Cryptography;
using ReferralHub.Cryptography;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Age;

/// <summary>
/// X-Wing and the key schedule over it, against the vectors of draft-connolly-cfrg-xwing-kem, draft-ietf-hpke-pq and RFC 9180.
/// </summary>
[Trait("group", "vectors")]
public sealed class HpkeVectorTests
{
    private const int X25519 = 0x20;

    [Fact]
    public void XWing_gives_the_keys_and_secrets_of_its_draft()
    {
        var tally = new Tally("xwing");
        foreach (var vector in SharedVectors.Json("xwing", "xwing-draft-test-vectors.json").EnumerateArray())
        {
            var seed = vector.Hex("seed");
            Assert.Equal(vector.Hex("pk"), Sodium.XWingPublicKey(seed));
            Assert.Equal(vector.Hex("ss"), Decapsulate(vector.Hex("ct"), seed));
            tally.Ran(accepted: true);
        }

        tally.Close(3, 3, 3);
    }

    [Fact]
    public void HPKE_over_XWing_gives_secret_key_and_nonce_and_opens_what_was_sealed()
    {
        var tally = new Tally("hpke-pq");
        foreach (var vector in SharedVectors.Json("hpke-pq", "filippo-hpke-pq.json").EnumerateArray())
        {
            if (Suite(vector) is not (Hpke.XWing, 1, 3))
            {
                tally.Leave($"{Suite(vector)}", "another suite");
                continue;
            }

            Assert.Equal(vector.Hex("pkRm"), Sodium.XWingPublicKey(vector.Hex("skRm")));
            var sharedSecret = Decapsulate(vector.Hex("enc"), vector.Hex("skRm"));
            Assert.Equal(vector.Hex("shared_secret"), sharedSecret);
            var (key, nonce) = Schedule(Hpke.XWing, sharedSecret, vector.Hex("info"));
            Assert.Equal(vector.Hex("key"), key);
            Assert.Equal(vector.Hex("base_nonce"), nonce);
            tally.Ran(accepted: true);
        }

        tally.Close(13, 1, 1);
    }

    /// <summary>The schedule is the same for every KEM but for its number, so RFC 9180's own KEMs test ours.</summary>
    [Fact]
    public void The_key_schedule_is_that_of_RFC_9180()
    {
        var tally = new Tally("rfc9180 key schedule");
        foreach (var vector in SharedVectors.Json("hpke-pq", "rfc9180.json").EnumerateArray())
        {
            if (Suite(vector) is not (var kem, 1, 3))
            {
                tally.Leave($"{Suite(vector)}", "another KDF or AEAD");
                continue;
            }

            var (key, nonce) = Schedule((ushort)kem, DhKem(kem, vector), vector.Hex("info"));
            Assert.Equal(vector.Hex("encryptions_accumulated"), AccumulatedEncryptions(key, nonce));
            tally.Ran(accepted: true);
        }

        tally.Close(24, 3, 3);
    }

    private static (int Kem, int Kdf, int Aead) Suite(JsonElement vector) =>
        (vector.GetProperty("kem_id").GetInt32(), vector.GetProperty("kdf_id").GetInt32(), vector.GetProperty("aead_id").GetInt32());

    private static byte[] Decapsulate(byte[] encapsulation, byte[] seed)
    {
        var sharedSecret = new byte[Sodium.XWingSharedSecretBytes];
        Assert.True(Sodium.TryXWingDecapsulate(encapsulation, seed, sharedSecret));
        return sharedSecret;
    }

    private static (byte[] Key, byte[] Nonce) Schedule(ushort kem, byte[] sharedSecret, byte[] info)
    {
        var (key, nonce) = (new byte[Hpke.KeyBytes], new byte[Hpke.NonceBytes]);
        Hpke.Schedule(kem, sharedSecret, info, key, nonce);
        return (key, nonce);
    }

    // A thousand messages and their associated data, drawn from SHAKE128 of nothing; SHAKE128 of all ciphertexts is the vector's.
    private static byte[] AccumulatedEncryptions(byte[] key, byte[] baseNonce)
    {
        using var cipher = new System.Security.Cryptography.ChaCha20Poly1305(key);
        using var sink = new Shake128();
        var source = Shake128.HashData([], 1000 * 2 * 256).AsSpan();
        for (var sequence = 0; sequence < 1000; sequence++)
        {
            var associated = Draw(ref source);
            var plain = Draw(ref source);
            var ciphertext = new byte[plain.Length + 16];
            var nonce = baseNonce.ToArray();
            BinaryPrimitives.WriteUInt32BigEndian(nonce.AsSpan(8), BinaryPrimitives.ReadUInt32BigEndian(nonce.AsSpan(8)) ^ (uint)sequence);
            cipher.Encrypt(nonce, plain, ciphertext.AsSpan(..^16), ciphertext.AsSpan(^16..), associated);
            sink.AppendData(ciphertext);
        }

        return sink.GetCurrentHash(16);
    }

    private static Span<byte> Draw(ref Span<byte> source)
    {
        var drawn = source.Slice(1, source[0]);
        source = source[(1 + drawn.Length)..];
        return drawn;
    }

    // RFC 9180 §4.1, DHKEM: what the vectors' own KEMs make of the recipient's private key and the encapsulation.
    private static byte[] DhKem(int kem, JsonElement vector)
    {
        var hash = kem == 0x12 ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256;
        byte[] suite = [.. "HPKE-v1"u8, .. "KEM"u8, 0, (byte)kem];
        var prk = HKDF.Extract(hash, [.. suite, .. "eae_prk"u8, .. DiffieHellman(kem, vector)]);
        return HKDF.Expand(
            hash, prk, prk.Length, [0, (byte)prk.Length, .. suite, .. "shared_secret"u8, .. vector.Hex("enc"), .. vector.Hex("pkRm")]);
    }

    private static byte[] DiffieHellman(int kem, JsonElement vector)
    {
        var (share, secret) = (vector.Hex("enc"), vector.Hex("skRm"));
        if (kem == X25519)
        {
            using var key = Key.Import(KeyAgreementAlgorithm.X25519, secret, KeyBlobFormat.RawPrivateKey);
            var their = PublicKey.Import(KeyAgreementAlgorithm.X25519, share, KeyBlobFormat.RawPublicKey);
            var parameters = new SharedSecretCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };
            using var agreed = KeyAgreementAlgorithm.X25519.Agree(key, their, parameters);
            return agreed!.Export(SharedSecretBlobFormat.RawSharedSecret);
        }

        var curve = kem == 0x10 ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP521;
        using var ours = ECDiffieHellman.Create(new ECParameters { Curve = curve, D = secret, Q = Point(vector.Hex("pkRm")) });
        using var theirs = ECDiffieHellman.Create(new ECParameters { Curve = curve, Q = Point(share) });
        using var theirKey = theirs.PublicKey;
        return ours.DeriveRawSecretAgreement(theirKey);
    }

    // 4 || x || y
    private static ECPoint Point(byte[] uncompressed) =>
        new() { X = uncompressed[1..(1 + uncompressed.Length / 2)], Y = uncompressed[(1 + uncompressed.Length / 2)..] };
}
