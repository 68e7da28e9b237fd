using ReferralHub.Client;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary>What a person must look at. Stands until somebody has, and is kept as a record.</summary>
internal enum AlarmCode
{
    /// <summary>Two checkpoints of one log contradict each other. Sealing stops.</summary>
    LogForked,

    /// <summary>The hub shows an older state of a log than before. Sealing stops.</summary>
    LogRolledBack,

    /// <summary>The hub was restored from a backup and opened a new audit log. What of ours it lacks goes to it again.</summary>
    HubRestored,

    /// <summary>An entry of the directory breaks its rules. Sealing stops.</summary>
    DirectoryInvalid,

    /// <summary>The directory has an event of this agency that it did not make. Sealing stops.</summary>
    OwnKey,

    /// <summary>The registrars suspended, resumed or closed this agency.</summary>
    OwnStatus,

    /// <summary>Somebody signed two events of another agency under one number.</summary>
    DirectoryConflict,

    /// <summary>An agency read out another fingerprint than the directory has of it.</summary>
    FingerprintDiffers,

    /// <summary>The feed brought something that does not hold.</summary>
    FeedItemRefused,

    /// <summary>A received envelope does not open, or is not what its statement says. Its sender must send anew.</summary>
    EnvelopeRefused,

    /// <summary>By our own check, a referral should not have come. It is not delivered.</summary>
    ConsentRefused,

    /// <summary>The hub's receipt or proof for a statement does not hold.</summary>
    ReceiptRefused,

    /// <summary>The hub shows a profile or capacity that the agency it names did not sign. It is not used.</summary>
    ProfileRefused,

    /// <summary>Somebody here is, or is named like, a person who must not see a referral. Leads see this who are not that person.</summary>
    ExclusionMatched,

    /// <summary>Wrong secrets were tried for a person until no more are.</summary>
    SignInLocked,

    /// <summary>A consent was taken back: the content is locked, and a lead must answer in time.</summary>
    ConsentRevoked,

    /// <summary>A recipient was told that a consent of ours is taken back: revoke it in time.</summary>
    RevocationTold,

    /// <summary>A recipient has not answered a revocation in time.</summary>
    ErasureOverdue,

    /// <summary>Of a referral nobody was told who is on duty or a lead: it is kept from each of them, or they have no address of their own.</summary>
    NobodyToTell,

    /// <summary>A lead opened content without knowing whether it was revoked.</summary>
    GlassBroken,
}

internal sealed class Alarm
{
    public long Id { get; init; }

    public required DateTimeOffset At { get; init; }

    public required AlarmCode Code { get; init; }

    /// <summary>Ids and codes only.</summary>
    public required string Detail { get; init; }

    /// <summary>The referral that it tells of: whom that is kept from does not see the alarm.</summary>
    public Guid? Referral { get; init; }

    public HubLog? Log { get; init; }

    /// <summary>What was held before: a signed note.</summary>
    public byte[]? Held { get; init; }

    /// <summary>What came: a signed note, or the tokens and the event of a feed item.</summary>
    public byte[]? Shown { get; init; }

    /// <summary>When a person cleared it; null while it stands.</summary>
    public DateTimeOffset? ClearedAt { get; set; }

    public Handle? ClearedBy { get; set; }

    /// <summary>Why, in that person's words, sealed to ourselves.</summary>
    public byte[]? SealedReason { get; set; }

    public static bool Stops(AlarmCode code) =>
        code is AlarmCode.LogForked or AlarmCode.LogRolledBack or AlarmCode.DirectoryInvalid or AlarmCode.OwnKey;
}
