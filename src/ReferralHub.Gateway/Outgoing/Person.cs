using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>A case worker of this agency. The name is sealed to ourselves; others only ever see the handle.</summary>
internal sealed class Person
{
    public required Handle Handle { get; init; }

    public required byte[] SealedName { get; init; }

    public required DateTimeOffset AddedAt { get; init; }

    /// <summary>Whether to tell this person what others must not know of.</summary>
    public bool IsLead { get; init; }
}
