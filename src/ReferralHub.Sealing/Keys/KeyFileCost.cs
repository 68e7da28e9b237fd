namespace ReferralHub.Sealing.Keys;

/// <summary>What a guess at a key file's passphrase costs.</summary>
/// <param name="MemoryKiB">Argon2id memory in KiB.</param>
/// <param name="Passes">Argon2id passes.</param>
internal sealed record KeyFileCost(uint MemoryKiB, uint Passes)
{
    /// <summary>256 MiB, three passes.</summary>
    public static KeyFileCost Default { get; } = new(256 * 1024, 3);

    /// <summary>The least that a file may ask for: 8 MiB, one pass.</summary>
    public static KeyFileCost Least { get; } = new(8 * 1024, 1);

    /// <summary>From <see cref="Least"/> to 1 GiB and 16 passes: checked before memory is taken.</summary>
    public bool IsWithinBounds => MemoryKiB >= Least.MemoryKiB && MemoryKiB <= 1024 * 1024 && Passes >= Least.Passes && Passes <= 16;
}
