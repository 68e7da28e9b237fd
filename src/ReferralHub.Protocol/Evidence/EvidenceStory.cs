using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Evidence;

/// <summary>What a bundle proves about one referral. Spec: docs/protocol.md §5.</summary>
/// <param name="Origin">The hub.</param>
/// <param name="AsOf">When the hub's cosigner vouched for the audit checkpoint: what came later is not in here.</param>
/// <param name="Referral">The referral.</param>
/// <param name="Sender">Who referred.</param>
/// <param name="Recipient">To whom.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Withdrawing">Whether the sender has asked to take it back, and the recipient has not answered.</param>
/// <param name="Responsible">Who is responsible for the child now; null once the handoff is over.</param>
/// <param name="Acts">Everything that happened, in the order of the audit log.</param>
/// <param name="Disclosures">Every sealed part, with what both ends recorded of it.</param>
public sealed record EvidenceStory(
    Origin Origin,
    DateTimeOffset AsOf,
    Guid Referral,
    AgencyId Sender,
    AgencyId Recipient,
    HandoffState State,
    bool Withdrawing,
    AgencyId? Responsible,
    IReadOnlyList<StoryAct> Acts,
    IReadOnlyList<Disclosure> Disclosures)
{
    /// <summary>When the hub recorded the referral.</summary>
    public DateTimeOffset Sent => Acts.First(act => act.Statement is Statements.Referral).At;

    /// <summary>What may be another's work: the key that signed it was in other hands by then, as its agency says.</summary>
    public IEnumerable<StoryAct> Suspects => Acts.Where(act => act.IsSuspect);

    /// <summary>Events of either party that came second under their number: somebody signed two.</summary>
    public IReadOnlyList<DirectoryConflict> Conflicts { get; init; } = [];

    /// <summary>Each time that the hub was restored from a backup, oldest first (docs/protocol.md §4.7).</summary>
    public IReadOnlyList<Restoration> Restorations { get; init; } = [];
}

/// <summary>The hub was restored from a backup.</summary>
/// <param name="At">When it opened a new audit log.</param>
/// <param name="Former">What came before that.</param>
public sealed record Restoration(DateTimeOffset At, FormerLog Former);

/// <summary>One event of the story.</summary>
/// <param name="Index">Its position in the audit log.</param>
/// <param name="At">When, by the hub's clock.</param>
/// <param name="Event">What happened.</param>
/// <param name="Agency">Who acted; null when the hub did.</param>
/// <param name="Statement">What was signed; null for a refusal or an export.</param>
/// <param name="Refusal">How the hub refused, if it did.</param>
/// <param name="Decision">What the consent check said, where it ran.</param>
/// <param name="State">Where the referral stood afterwards; null before it was sent.</param>
/// <param name="Responsible">Who was responsible afterwards; null before it was sent and once the handoff was over.</param>
public sealed record StoryAct(
    long Index,
    DateTimeOffset At,
    AuditEventCode Event,
    AgencyId? Agency,
    Statement? Statement,
    string? Refusal,
    ConsentDecision? Decision,
    HandoffState? State,
    AgencyId? Responsible)
{
    /// <summary>Whether the statement may be another's work (docs/protocol.md §4.2).</summary>
    public bool IsSuspect { get; init; }

    /// <summary>Whether the hub had lost it, and a gateway brought it back (docs/protocol.md §4.7).</summary>
    public bool CameBack { get; init; }
}

/// <summary>Whether both ends recorded the same disclosure.</summary>
public enum DisclosureMatch
{
    /// <summary>Sealed by one side, handed over by the hub, then opened by the other side.</summary>
    Paired,

    /// <summary>The hub never handed it over, and nobody says that it was opened.</summary>
    NotReleased,

    /// <summary>The hub handed it over; the receiving side has recorded no opening.</summary>
    NotOpened,

    /// <summary>The receiving side recorded an opening before the hub recorded handing it over.</summary>
    OpenedUnreleased,
}

/// <summary>A sealed part and what became of it.</summary>
/// <param name="Part">Which part.</param>
/// <param name="Sha256">Digest of the age file.</param>
/// <param name="From">Who sealed it.</param>
/// <param name="To">Whom it is sealed to.</param>
/// <param name="Offered">When it was sent.</param>
/// <param name="Releases">Each time the hub handed it over.</param>
/// <param name="Accesses">Each opening or export that either side recorded.</param>
/// <param name="Match">Whether releases and accesses of <paramref name="To"/> fit together.</param>
public sealed record Disclosure(
    Part Part,
    Digest Sha256,
    AgencyId From,
    AgencyId To,
    DateTimeOffset Offered,
    IReadOnlyList<DisclosureStep> Releases,
    IReadOnlyList<DisclosureStep> Accesses,
    DisclosureMatch Match);

/// <summary>A release or an access.</summary>
/// <param name="At">When, by the hub's clock.</param>
/// <param name="Agency">Which agency.</param>
/// <param name="By">Who in it; null when its gateway fetched by itself.</param>
/// <param name="Purpose">What for.</param>
/// <param name="Act">What was done with it; null for a release.</param>
public sealed record DisclosureStep(DateTimeOffset At, AgencyId Agency, Handle? By, Purpose Purpose, AccessAct? Act);
