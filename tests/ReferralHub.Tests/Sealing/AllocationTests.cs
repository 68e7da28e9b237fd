using ReferralHub.Protocol.Statements;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Envelopes;
using ReferralHub.Tests.Sealing.Envelopes;

namespace ReferralHub.Tests.Sealing;

/// <summary>What is allocated does not depend on how much is sealed, opened or armored. The peak over a GiB is measured in the group load.</summary>
public sealed class AllocationTests : IDisposable
{
    private const int Small = 1 << 20;
    private const int Large = 64 << 20;

    // The runtime gives a thread its memory in pieces of 8 KiB, of which the end may be left over. The smallest object for each of the
    // thousand chunks that are added would be 24 KiB.
    private const int Slack = 16 << 10;

    private readonly EnvelopeKit _kit = new();

    public void Dispose() => _kit.Dispose();

    [Fact]
    public void Sealing_and_opening_an_envelope_allocates_the_same_for_every_size()
    {
        var (small, large) = (new byte[Small], new byte[Large]);
        var file = new MemoryStream(2 * Large);
        _ = RoundTrip(small, file); // what is made once, is made here
        Assert.InRange(RoundTrip(large, file) - RoundTrip(small, file), -Slack, Slack);
    }

    [Fact]
    public void Armor_allocates_the_same_for_every_size()
    {
        var (small, large) = (new byte[Small], new byte[Large]);
        var text = new MemoryStream(2 * Large);
        _ = Armor(small, text);
        Assert.InRange(Armor(large, text) - Armor(small, text), -Slack, Slack);
    }

    private long RoundTrip(byte[] attachment, MemoryStream file)
    {
        file.SetLength(0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var sealing = Envelope.SealAsync(
            file, _kit.Recipient.PublicKey, _kit.Signer, _kit.Facts,
            [EnvelopeMember.Of("referral.json", EnvelopeKit.Form), EnvelopeMember.Of("attachments/0001", attachment)]);
        Assert.True(sealing.IsCompletedSuccessfully); // all of it on this thread
        SealedPart part = sealing.Result;
        Assert.True(Envelope.TryOpen(file, [_kit.Recipient], _kit.Expectation([]) with { File = part }, out var envelope, out _));
        using (envelope)
        using (var content = envelope.Open("attachments/0001"))
        {
            Span<byte> buffer = stackalloc byte[4096];
            while (content.Read(buffer) > 0)
            {
                // Only that it is read.
            }
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static long Armor(byte[] file, MemoryStream text)
    {
        text.SetLength(0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        using (var armor = AgeArmor.Write(text)) armor.Write(file);
        Assert.True(AgeArmor.TryOpen(text, out var read));
        using (read)
        {
            Span<byte> buffer = stackalloc byte[4096];
            while (read.Read(buffer) > 0)
            {
                // Only that it is read.
            }
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
