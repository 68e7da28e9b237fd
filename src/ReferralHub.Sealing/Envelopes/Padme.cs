using System.Numerics;

namespace ReferralHub.Sealing.Envelopes;

/// <summary>
/// How long an envelope is made, so that its length tells little: at most 12 % more, in few steps.
/// Reference: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files" (PETS 2019). Spec: docs/protocol.md §2.4.
/// </summary>
internal static class Padme
{
    /// <summary>The least length of what is sealed, 16 KiB.</summary>
    public const long Least = 16 * 1024;

    /// <summary>The length that <paramref name="tarBytes"/> are padded to, a multiple of 512.</summary>
    public static long EnvelopeLength(long tarBytes) => Math.Max(Least, Length(tarBytes));

    /// <summary>The Padmé length of <paramref name="length"/> bytes: its exponent's bits are kept, the bits below are rounded up.</summary>
    public static long Length(long length)
    {
        var exponent = BitOperations.Log2((ulong)length);
        var kept = BitOperations.Log2((uint)exponent) + 1;
        var mask = (1L << Math.Max(0, exponent - kept)) - 1;
        return (length + mask) & ~mask;
    }
}
