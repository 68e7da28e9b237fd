using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary>A sealed part. Its file, when we have it, is <c>parts/SHA256</c> in the data folder.</summary>
internal sealed class KeptPart
{
    public required Digest Sha256 { get; init; }

    public required Guid Referral { get; init; }

    public required Part Part { get; init; }

    public required long Size { get; init; }

    /// <summary>Who can open it.</summary>
    public required AgencyId SealedTo { get; init; }

    /// <summary>Whether the file is there: made here, or fetched and verified to its last byte.</summary>
    public required bool Held { get; set; }
}
