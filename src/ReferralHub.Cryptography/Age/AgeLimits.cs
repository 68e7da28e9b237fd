namespace ReferralHub.Cryptography.Age;

/// <summary>How much header a reader accepts before it gives up. Spec: docs/protocol.md §2.1.</summary>
/// <param name="Stanzas">Most stanzas.</param>
/// <param name="Args">Most arguments of one stanza, its type not counted.</param>
/// <param name="HeaderBytes">Most bytes of the whole header, its MAC line included.</param>
public sealed record AgeLimits(int Stanzas, int Args, int HeaderBytes)
{
    /// <summary>What comes from another agency: one stanza, 16 arguments, 128 KiB.</summary>
    public static AgeLimits Wire { get; } = new(1, 16, 128 * 1024);

    /// <summary>A file that a person brings, such as a backup that stock age made: any number within 1 MiB.</summary>
    public static AgeLimits Local { get; } = new(int.MaxValue, int.MaxValue, 1024 * 1024);
}
