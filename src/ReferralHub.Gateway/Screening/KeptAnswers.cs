using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Screening;

/// <summary>Answers to a checklist, sealed to ourselves with whom they are about. They never leave this gateway by themselves.</summary>
internal sealed class KeptAnswers
{
    public long Id { get; init; }

    public required Handle By { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Kind, version, subject and answers.</summary>
    public required byte[] SealedAnswers { get; init; }
}
