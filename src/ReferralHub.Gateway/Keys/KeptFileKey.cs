using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Gateway.Keys;

/// <summary>The key of a sealed part that is here, when the encryption key that it was wrapped to is destroyed.</summary>
internal sealed class KeptFileKey
{
    /// <summary>The part's file.</summary>
    public required Digest Sha256 { get; init; }

    /// <summary>Its key, sealed to ourselves.</summary>
    public required byte[] SealedKey { get; init; }
}
