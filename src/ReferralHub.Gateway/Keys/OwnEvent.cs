using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Gateway.Keys;

/// <summary>An event of this agency that this gateway made: kept before it goes out, so that it never looks like a stranger's.</summary>
internal sealed class OwnEvent
{
    public required Digest PayloadDigest { get; init; }

    /// <summary>The entry with our signatures, as it goes to the hub.</summary>
    public required byte[] Entry { get; init; }

    public required DateTimeOffset Made { get; init; }
}
