using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ReferralHub.SystemTests.Interop;

/// <summary>
/// What the interop tests draw: the same with the same seed, which a failing test shows among its arguments. <c>SEED</c> sets another.
/// </summary>
internal static class Drawn
{
    private const int Most = 10 * 1024 * 1024;

    public static string Seed { get; } = Environment.GetEnvironmentVariable("SEED") ?? "1";

    /// <summary>The size of a sample in bytes: the first is empty, the second 10 MiB, the others of any order between.</summary>
    public static int Size(int sample) => sample switch
    {
        0 => 0,
        1 => Most,
        _ => Number($"size {sample}", 1 << (1 + Number($"order {sample}", 23))),
    };

    /// <summary>A number below <paramref name="limit"/>, at most <see cref="Most"/>.</summary>
    public static int Number(string what, int limit) =>
        (int)(BinaryPrimitives.ReadUInt64BigEndian(Bytes(what, sizeof(ulong))) % (ulong)Math.Min(limit, Most));

    public static byte[] Bytes(string what, int count) => Shake128.HashData(Encoding.UTF8.GetBytes($"{Seed} {what}"), count);
}
