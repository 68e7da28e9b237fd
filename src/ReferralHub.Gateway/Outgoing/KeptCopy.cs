using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>A part of a referral of ours, sealed to ourselves. Its file is <c>parts/SHA256</c> in the data folder.</summary>
internal sealed class KeptCopy
{
    public required Digest Sha256 { get; init; }

    public required Guid Referral { get; init; }

    public required Part Part { get; init; }

    /// <summary>Length of the file in bytes.</summary>
    public required long Size { get; init; }
}
