using ReferralHub.Cryptography.Log;

namespace ReferralHub.Tests.Cryptography.Log;

public sealed class CommitmentTests
{
    private static readonly byte[] Opening = [.. Enumerable.Repeat((byte)7, Commitment.OpeningSize)];
    private static readonly byte[] Event = """{"event":"part-released"}"""u8.ToArray();
    private static readonly byte[] Leaf = Commitment.Leaf(2, Opening, Event);

    // The HMAC is Python's hmac.new(bytes([7]*32), event, sha256).
    [Fact]
    public void Is_version_coarse_type_and_HMAC() =>
        Assert.Equal("0102" + "62d8111a8b3987e9097c42dacfa8e9eb1e538fb28c3c97a398a7bad80b6a067b", Convert.ToHexStringLower(Leaf));

    [Fact]
    public void Has_the_same_length_for_every_event()
    {
        Assert.Equal(Commitment.LeafSize, Commitment.Leaf(1, Opening, []).Length);
        Assert.Equal(Commitment.LeafSize, Commitment.Leaf(1, Opening, new byte[5000]).Length);
    }

    [Fact]
    public void Opens_to_its_event_and_to_nothing_else()
    {
        Assert.True(Commitment.Opens(Leaf, 2, Opening, Event));
        Assert.False(Commitment.Opens(Leaf, 1, Opening, Event));
        Assert.False(Commitment.Opens([2, .. Leaf[1..]], 2, Opening, Event));
        Assert.False(Commitment.Opens([.. Leaf, 0], 2, Opening, Event));
        Assert.False(Commitment.Opens(Leaf.AsSpan(0, 33), 2, Opening, Event));
        Assert.False(Commitment.Opens(Leaf, 2, [8, .. Opening[1..]], Event));
        Assert.False(Commitment.Opens(Leaf, 2, Opening, [.. Event, 0]));
    }

    // HMAC pads its key with zeros: without the length check an opening and its zero-padded form would both fit.
    [Fact]
    public void An_opening_has_32_bytes()
    {
        byte[] padded = [.. Opening[..31], 0];
        Assert.True(Commitment.Opens(Commitment.Leaf(2, padded, Event), 2, padded, Event));
        Assert.False(Commitment.Opens(Commitment.Leaf(2, padded, Event), 2, padded.AsSpan(0, 31), Event));
        Assert.Throws<ArgumentException>(() => Commitment.Leaf(2, padded.AsSpan(0, 31), Event));
        Assert.Throws<ArgumentException>(() => Commitment.Leaf(2, [.. padded, 0], Event));
    }
}
