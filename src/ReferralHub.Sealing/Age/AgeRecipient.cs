using ReferralHub.Cryptography.Age;

namespace ReferralHub.Sealing.Age;

/// <summary>Somebody to seal to: one stanza in the header. Spec: docs/protocol.md §2.3.</summary>
public abstract class AgeRecipient
{
    private protected AgeRecipient()
    {
    }

    /// <summary>Whether a quantum computer cannot open what is sealed to it.</summary>
    internal abstract bool IsPostQuantum { get; }

    /// <summary>The recipient that a public key of either kind stands for.</summary>
    public static AgeRecipient Of(EncryptionKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.IsPostQuantum ? new HybridRecipient(key) : new X25519Recipient(key);
    }

    /// <summary>Wraps the file key, 16 bytes.</summary>
    internal abstract AgeStanza Wrap(ReadOnlySpan<byte> fileKey);
}
