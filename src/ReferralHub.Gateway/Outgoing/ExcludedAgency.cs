using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>An agency that must not be addressed about a subject; or, without one, that somebody has looked at all of them.</summary>
internal sealed class ExcludedAgency
{
    public long Id { get; init; }

    public required byte[] SealedSubject { get; init; }

    /// <summary>The agency, sealed to ourselves; null: exclusions were reviewed.</summary>
    public byte[]? SealedAgency { get; init; }

    public required Handle By { get; init; }

    public required DateTimeOffset At { get; init; }
}
