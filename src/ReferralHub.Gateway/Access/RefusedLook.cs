using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Access;

/// <summary>Somebody tried to reach a referral that is kept from them, or content that may not be opened.</summary>
internal sealed class RefusedLook
{
    public long Id { get; init; }

    public required DateTimeOffset At { get; init; }

    public required Guid Referral { get; init; }

    /// <summary>Who; null when nobody said.</summary>
    public Handle? By { get; init; }

    /// <summary>Why, as a code.</summary>
    public required string Reason { get; init; }
}
