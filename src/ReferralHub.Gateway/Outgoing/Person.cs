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

    /// <summary>Whether this person sees who was refused what.</summary>
    public bool IsAuditor { get; init; }

    /// <summary>Since when this person acts no more; null while they do.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    /// <summary>What knows the person's own secret again, sealed to ourselves; null until one is set.</summary>
    public byte[]? SealedSecret { get; set; }

    /// <summary>How this person is told while on duty or as a lead, sealed to ourselves; null when they cannot be told by themselves.</summary>
    public byte[]? SealedContact { get; set; }

    /// <summary>Wrong secrets in a row.</summary>
    public int WrongSecrets { get; set; }

    /// <summary>Until when no secret is tried; null when one may be.</summary>
    public DateTimeOffset? LockedUntil { get; set; }
}
