using ReferralHub.Cryptography.Age;

namespace ReferralHub.Sealing.Age;

/// <summary>A secret that opens what was sealed to its recipient. Spec: docs/protocol.md §2.3.</summary>
public abstract class AgeIdentity : IDisposable
{
    private protected AgeIdentity()
    {
    }

    /// <summary>Unwraps the file key, 16 bytes, from the first stanza that opens; null, or why none does.</summary>
    internal abstract AgeFault? Unwrap(AgeHeader header, Span<byte> fileKey);

    /// <summary>Wipes the secret.</summary>
    public abstract void Dispose();
}
