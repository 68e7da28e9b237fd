namespace ReferralHub.Fuzz;

/// <summary>A reader under test.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Seeds">Inputs that it accepts, made by the product or taken from tests/vectors.</param>
/// <param name="Accepts">
/// Reads an input and says whether it is accepted. Readers are total, so whatever this throws is a finding; it throws
/// <see cref="OracleException"/> where an accepted input is not what its writer writes.
/// </param>
internal sealed record Target(string Name, IReadOnlyList<byte[]> Seeds, Func<byte[], bool> Accepts)
{
    /// <summary>Bytes that mean something in the format.</summary>
    public IReadOnlyList<byte[]> Words { get; init; } = [];

    /// <summary>Makes checksums, digests and signatures right again, so that what stands behind them is reached; for half of the inputs.</summary>
    public Func<byte[], byte[]>? Repair { get; init; }

    /// <summary>What one input costs in units of the others: the count is divided by it.</summary>
    public int Cost { get; init; } = 1;
}

/// <summary>What was accepted is not what it says it is.</summary>
internal sealed class OracleException(string message) : Exception(message)
{
    public static void Same(ReadOnlySpan<byte> written, ReadOnlySpan<byte> read, string what)
    {
        if (!written.SequenceEqual(read)) throw new OracleException($"{what}: accepted, but written again it has other bytes");
    }

    public static void Require(bool holds, string rule)
    {
        if (!holds) throw new OracleException(rule);
    }
}
