using System.Text.Json;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Tests.Sealing.Envelopes;

public sealed class PadmeTests
{
    [Fact]
    public void Gives_the_lengths_of_the_vectors()
    {
        using var vectors = JsonDocument.Parse(Vectors.Read("padme", "padme.json"));
        foreach (var vector in vectors.RootElement.EnumerateArray())
            Assert.Equal(vector.GetProperty("padded").GetInt64(), Padme.Length(vector.GetProperty("length").GetInt64()));
        Assert.Equal(43, vectors.RootElement.GetArrayLength());
    }

    [Fact]
    public void Adds_at_most_an_eighth_and_never_takes_away()
    {
        for (var length = 16L * 1024; length < 1L << 40; length += length / 97 + 1)
            Assert.InRange(Padme.Length(length) - length, 0, length / 8);
    }

    [Theory]
    [InlineData(1536, 16384)]
    [InlineData(16384, 16384)]
    [InlineData(16896, 17408)]
    public void An_envelope_has_at_least_16_KiB(long tar, long expected) => Assert.Equal(expected, Padme.EnvelopeLength(tar));

    [Fact]
    public void An_envelope_stays_whole_blocks()
    {
        for (var blocks = 1L; blocks < 1L << 32; blocks += blocks / 31 + 1) Assert.Equal(0, Padme.EnvelopeLength(blocks * 512) % 512);
    }
}
