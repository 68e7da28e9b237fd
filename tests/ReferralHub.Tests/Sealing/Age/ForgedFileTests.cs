using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Age;

/// <summary>Files with a right MAC and authentic chunks that nevertheless no writer makes: only who has the file key can.</summary>
public sealed class ForgedFileTests : IDisposable
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, FileKey.Bytes).Select(i => (byte)i)];
    private static readonly byte[] Full = AgeFiles.Pattern(PayloadCipher.ChunkBytes);

    private readonly HybridIdentity _hybrid = HybridIdentity.Create();
    private readonly X25519Identity _classical = X25519Identity.Create();
    private readonly ScryptRecipient _passphrase = new("on paper"u8, work: 10);
    private readonly ScryptIdentity _typed = new("on paper"u8);

    public void Dispose()
    {
        _hybrid.Dispose();
        _classical.Dispose();
        _passphrase.Dispose();
        _typed.Dispose();
    }

    [Fact]
    public void A_file_made_here_by_hand_opens() => AgeFiles.AssertOpened([.. Full, 1], Open(_hybrid, Made(_hybrid, (Full, false), ([1], true))));

    [Fact]
    public void A_last_chunk_is_not_empty_unless_the_payload_is()
    {
        AgeFiles.AssertOpened([], Open(_hybrid, Made(_hybrid, ([], true))));
        var (released, fault) = Open(_hybrid, Made(_hybrid, (Full, false), ([], true)));
        Assert.Equal((Full.Length, AgeFault.PayloadDamaged), (released.Length, fault));
    }

    [Fact]
    public void A_chunk_that_is_shorter_than_full_is_released_only_as_the_last()
    {
        var (released, fault) = Open(_hybrid, Made(_hybrid, (Full, false), ([1], false)));
        Assert.Equal((Full.Length, AgeFault.PayloadDamaged), (released.Length, fault));
    }

    [Fact]
    public void A_full_chunk_that_says_it_is_the_last_and_is_not_is_the_last_to_be_released()
    {
        var (released, fault) = Open(_hybrid, Made(_hybrid, (Full, true), (Full, true)));
        Assert.Equal((Full.Length, AgeFault.PayloadDamaged), (released.Length, fault));
    }

    [Fact]
    public void Each_kinds_stanza_has_its_arguments_and_a_body_of_32_bytes()
    {
        foreach (var (identity, stanza) in new (AgeIdentity, AgeStanza)[]
        {
            (_hybrid, AgeRecipient.Of(_hybrid.PublicKey).Wrap(Key)), (_classical, AgeRecipient.Of(_classical.PublicKey).Wrap(Key)), (_typed, _passphrase.Wrap(Key)),
        })
        {
            Assert.Null(Open(identity, Made(stanza)).Fault);
            Assert.Equal(AgeFault.HeaderMalformed, Open(identity, Made(stanza with { Args = [.. stanza.Args, "x"] })).Fault);
            Assert.Equal(AgeFault.HeaderMalformed, Open(identity, Made(stanza with { Args = [.. stanza.Args.Skip(1)] })).Fault);
            Assert.Equal(AgeFault.HeaderMalformed, Open(identity, Made(stanza with { Args = ["AAAA", .. stanza.Args.Skip(1)] })).Fault);
            foreach (var length in (int[])[0, 31, 33, 48]) Assert.Equal(AgeFault.HeaderMalformed, Open(identity, Made(stanza with { Body = new byte[length] })).Fault);
            Assert.Equal(AgeFault.NotMine, Open(identity, Made(stanza with { Body = new byte[32] })).Fault);
        }
    }

    [Fact]
    public void Who_has_a_passphrase_and_a_key_opens_what_either_opens()
    {
        foreach (var stanza in (AgeStanza[])[AgeRecipient.Of(_classical.PublicKey).Wrap(Key), _passphrase.Wrap(Key)])
        {
            Assert.Null(AgeFiles.Open(Made(stanza), AgeLimits.Local, 4096, _typed, _classical).Fault);
            Assert.Null(AgeFiles.Open(Made(stanza), AgeLimits.Local, 4096, _classical, _typed).Fault);
            Assert.Equal(AgeFault.NotMine, Open(_hybrid, Made(stanza)).Fault);
        }
    }

    [Fact]
    public void A_stanza_of_its_kind_that_breaks_the_rules_is_malformed_also_beside_one_that_opens()
    {
        var good = AgeRecipient.Of(_classical.PublicKey).Wrap(Key);
        var bad = good with { Body = new byte[31] };
        Assert.Equal(AgeFault.HeaderMalformed, AgeFiles.Open(ForgedFile.Of([bad, good], Key, ([1], true)), AgeLimits.Local, 4096, _hybrid, _classical).Fault);
        AgeFiles.AssertOpened([1], AgeFiles.Open(ForgedFile.Of([bad with { Type = "other" }, good], Key, ([1], true)), AgeLimits.Local, 4096, _hybrid, _classical));
    }

    private static (byte[] Released, AgeFault? Fault) Open(AgeIdentity identity, byte[] file) => AgeFiles.Open(file, AgeLimits.Local, 4096, identity);

    private static byte[] Made(HybridIdentity to, params (byte[] Plain, bool Last)[] chunks) => ForgedFile.Of([AgeRecipient.Of(to.PublicKey).Wrap(Key)], Key, chunks);

    private static byte[] Made(AgeStanza stanza) => ForgedFile.Of([stanza], Key, ([1], true));
}
