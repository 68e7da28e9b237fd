using ReferralHub.Cryptography.Age;

namespace ReferralHub.Sealing.Age;

/// <summary>Somebody to seal to: one stanza in the header. Spec: docs/protocol.md §2.3.</summary>
public abstract class AgeRecipient
{
    private protected AgeRecipient()
    {
    }

    /// <summary>Wraps the file key, 16 bytes.</summary>
    internal abstract AgeStanza Wrap(ReadOnlySpan<byte> fileKey);
}
