using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Sealing.Age;

/// <summary>A secret that opens what was sealed to its recipient. Spec: docs/protocol.md §2.3.</summary>
public abstract class AgeIdentity : IDisposable
{
    private readonly SecretBytes _secret;

    private protected AgeIdentity(SecretBytes secret) => _secret = secret;

    internal ReadOnlySpan<byte> Secret => _secret.Span;

    /// <summary>Wipes the secret.</summary>
    public void Dispose()
    {
        _secret.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Unwraps the file key, 16 bytes, from the first stanza that opens; null, or why none does.</summary>
    internal abstract AgeFault? Unwrap(AgeHeader header, Span<byte> fileKey);
}
