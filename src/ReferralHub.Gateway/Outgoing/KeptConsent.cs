using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>A consent that we recorded, or that came with a referral.</summary>
internal sealed class KeptConsent
{
    public required Guid Id { get; init; }

    public required Digest Statement { get; init; }

    public required AgencyId Issuer { get; init; }

    public required AgencyId To { get; init; }

    public required CaseCode Case { get; init; }

    /// <summary>Statement id of its revocation; null unless the grantor took it back.</summary>
    public Digest? Revocation { get; set; }

    /// <summary>Of a consent of ours: <c>consent.json</c>, sealed to ourselves. A received one's travels in the summary.</summary>
    public byte[]? SealedDetail { get; init; }
}
