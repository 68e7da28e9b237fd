using System.Text;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Age;

public sealed class X25519Tests : IDisposable
{
    private readonly X25519Identity _identity = X25519Identity.Create();

    public void Dispose() => _identity.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(65537)]
    public void What_was_sealed_opens_also_from_the_wire(int size)
    {
        var file = Seal(_identity.PublicKey, AgeFiles.Pattern(size));
        Assert.True(AgeHeader.TryParse(file, out _, out _));
        AgeFiles.AssertOpened(AgeFiles.Pattern(size), AgeFiles.Open(file, AgeLimits.Wire, 4096, _identity));
    }

    [Fact]
    public void Only_its_own_identity_opens_a_file()
    {
        using var other = X25519Identity.Create();
        using var hybrid = HybridIdentity.Create();
        Assert.Equal(AgeFault.NotMine, AgeFiles.Open(Seal(_identity.PublicKey, []), AgeLimits.Wire, 4096, hybrid, other).Fault);
    }

    [Fact]
    public void A_recipient_with_the_ignored_bit_set_is_hashed_as_it_was_received()
    {
        var raw = _identity.PublicKey.ToArray();
        raw[^1] |= 0x80;
        Assert.True(EncryptionKey.TryImport(raw, out var marked));
        // Its owner knows the key without the bit, so what was sealed to the other spelling is not theirs.
        Assert.Equal(AgeFault.NotMine, AgeFiles.Open(Seal(marked, []), AgeLimits.Wire, 4096, _identity).Fault);
    }

    [Theory]
    [InlineData("-> X25519 ", "-> X25519 x ")] // an argument more
    [InlineData("-> X25519 ", "-> X25519 AAAA")] // a longer share
    [InlineData("-> X25519 {share}", "-> X25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")] // of low order
    public void A_stanza_that_breaks_its_kinds_rules_is_malformed(string from, string to)
    {
        var file = Encoding.Latin1.GetString(Seal(_identity.PublicKey, []));
        var share = file.Split('\n')[1].Split(' ')[2];
        var changed = file.Replace(from.Replace("{share}", share, StringComparison.Ordinal), to, StringComparison.Ordinal);
        Assert.NotEqual(file, changed);
        Assert.Equal(AgeFault.HeaderMalformed, AgeFiles.Open(Encoding.Latin1.GetBytes(changed), AgeLimits.Wire, 4096, _identity).Fault);
    }

    [Fact]
    public void An_identity_reads_back_from_its_text_whichever_kind_it_is()
    {
        using var hybrid = HybridIdentity.Create();
        foreach (var (identity, prefix) in new (KeyIdentity, string)[] { (_identity, "AGE-SECRET-KEY-1"), (hybrid, "AGE-SECRET-KEY-PQ-1") })
        {
            var text = identity.ExportSecret();
            Assert.StartsWith(prefix, new string(text), StringComparison.Ordinal);
            Assert.True(KeyIdentity.TryParse(text, out var read));
            using (read) Assert.Equal((identity.PublicKey, identity.GetType()), (read.PublicKey, read.GetType()));
            Assert.False(KeyIdentity.TryParse(new string(text).ToLowerInvariant(), out _));
        }

        Assert.False(X25519Identity.TryParse(hybrid.ExportSecret(), out _));
        Assert.False(X25519Identity.TryParse(Bech32.Encode("AGE-SECRET-KEY-", new byte[31]), out _));
        Assert.Throws<ArgumentException>(() => X25519Identity.Import(new byte[31]));
    }

    [Fact]
    public void An_identity_tells_nothing_of_its_secret() =>
        Assert.Equal($"private half of {_identity.PublicKey.Fingerprint}", _identity.ToString());

    private static byte[] Seal(EncryptionKey key, byte[] plain) => AgeFiles.Seal(AgeRecipient.Of(key), plain);
}
