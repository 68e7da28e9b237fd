using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary>What an agency says of itself, as its own signed tokens. We keep the newest that we have seen, whatever the hub shows later.</summary>
internal sealed class KeptProfile
{
    public required AgencyId Agency { get; init; }

    public string? Profile { get; set; }

    public string? Capacity { get; set; }
}
