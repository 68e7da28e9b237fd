namespace ReferralHub.Fuzz;

/// <summary>Numbers that are the same for the same seed: SplitMix64 (Steele, Lea and Flood 2014).</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        unchecked
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
            z = (z ^ z >> 27) * 0x94D049BB133111EB;
            return z ^ z >> 31;
        }
    }

    /// <summary>From 0 to one less than <paramref name="bound"/>.</summary>
    public int Below(int bound) => (int)Math.BigMul(Next(), (ulong)bound, out _);

    public bool OneIn(int bound) => Below(bound) == 0;

    public byte Byte() => (byte)(Next() & 0xFF);

    public T Of<T>(IReadOnlyList<T> list) => list[Below(list.Count)];
}
