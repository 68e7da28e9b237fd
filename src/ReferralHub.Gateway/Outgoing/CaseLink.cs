using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>A case code and, sealed to ourselves, the subject it stands for towards one recipient.</summary>
internal sealed class CaseLink
{
    public required CaseCode Code { get; init; }

    public required AgencyId To { get; init; }

    public required byte[] SealedSubject { get; init; }
}
