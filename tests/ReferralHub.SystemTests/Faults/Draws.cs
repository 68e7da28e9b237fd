using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ReferralHub.SystemTests.Faults;

/// <summary>Numbers that are the same with the same seed. What they meet in the processes is not.</summary>
internal sealed class Draws(int seed, string purpose)
{
    private int _drawn;

    /// <summary>A number below <paramref name="limit"/>.</summary>
    public int Below(int limit) =>
        (int)(BinaryPrimitives.ReadUInt64BigEndian(Shake128.HashData(Encoding.UTF8.GetBytes($"{seed} {purpose} {_drawn++}"), sizeof(ulong))) % (ulong)limit);

    public T One<T>(IReadOnlyList<T> of) => of[Below(of.Count)];

    /// <summary>A time between the two.</summary>
    public TimeSpan Between(double least, double most) => TimeSpan.FromMilliseconds((least * 1000) + Below((int)((most - least) * 1000)));
}
