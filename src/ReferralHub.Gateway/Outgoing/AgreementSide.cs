using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>One side of an agreement, ours or theirs. In force once both are there and ours has taken effect.</summary>
internal sealed class AgreementSide
{
    public required Guid AgreementId { get; init; }

    public required AgencyId Issuer { get; init; }

    public required AgencyId To { get; init; }

    public required Digest Statement { get; init; }

    public required bool IsAcceptance { get; init; }
}
