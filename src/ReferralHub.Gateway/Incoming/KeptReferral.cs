using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary>A referral that we sent or received, as far as its statements tell.</summary>
internal sealed class KeptReferral
{
    public required Guid Id { get; init; }

    public required Party Role { get; init; }

    public required AgencyId Sender { get; init; }

    public required AgencyId Recipient { get; init; }

    public required Guid? Consent { get; init; }

    public Basis Basis { get; init; }

    /// <summary>When the hub hands over the record.</summary>
    public ReleaseRule Release { get; init; }

    public required Purpose Purpose { get; init; }

    /// <summary>A referral that is over, and whose place it takes.</summary>
    public Guid? Replaces { get; init; }

    /// <summary>The referral statement.</summary>
    public required Digest Statement { get; init; }

    public required DateTimeOffset Kept { get; init; }

    /// <summary>With our own acts that still wait for the hub counted in.</summary>
    public required HandoffState State { get; set; }

    /// <summary>Whether the sender wants it back and the recipient has not answered.</summary>
    public bool Withdrawing { get; set; }

    /// <summary>How soon a person must act, as the sender said last.</summary>
    public required Urgency Urgency { get; set; }

    /// <summary>The last state-setting statement, waiting ones counted in: what the next comes after.</summary>
    public required Digest Current { get; set; }

    /// <summary>The last state-setting statement that took effect: what a look or a note comes after.</summary>
    public required Digest Seen { get; set; }

    /// <summary>Why a received referral is not delivered: ids and codes only.</summary>
    public string? Blocked { get; set; }

    /// <summary>Names of people who must not see it, sealed to ourselves; null when there are none.</summary>
    public byte[]? SealedExclusions { get; set; }

    /// <summary>Once those names are erased or lost: handles of our people who may see it, with spaces between; null while nobody is kept out.</summary>
    public string? VisibleTo { get; set; }

    /// <summary>Why nothing of it is opened any more, as a code; null when it may be.</summary>
    public string? Locked { get; set; }

    /// <summary>Whether the consent that it relies on was taken back.</summary>
    public bool Revoked { get; set; }

    public bool SenderHolds { get; set; }

    public bool RecipientHolds { get; set; }

    /// <summary>Whether the recipient has erased it.</summary>
    public bool Erased { get; set; }

    /// <summary>By when the recipient answers a revocation; null when there is nothing to answer any more.</summary>
    public DateTimeOffset? ErasureDue { get; set; }

    /// <summary>Of a referral of ours: the exact categories that it disclosed, sealed to ourselves.</summary>
    public byte[]? SealedCategories { get; init; }

    public Custody Custody
    {
        get => new(Revoked, SenderHolds, RecipientHolds, Erased);
        set => (Revoked, SenderHolds, RecipientHolds, Erased) = (value.IsRevoked, value.SenderHolds, value.RecipientHolds, value.IsErased);
    }

    public AgencyId Other => Role == Party.Sender ? Recipient : Sender;

    public AgencyId? Responsible => Handoff.Responsible(State, Sender, Recipient);

    /// <summary>Whether we are responsible for the child now.</summary>
    public bool IsOurResponsibility => Responsible == (Role == Party.Sender ? Sender : Recipient);

    /// <summary>Whether we may do this now.</summary>
    public bool May(HandoffAct act) => Handoff.Next(new(State, Withdrawing), Role, act) is not null;

    /// <summary>The part that an agency plays in it, or the hub.</summary>
    public Party PartyOf(AgencyId agency) => agency == Sender ? Party.Sender : agency == Recipient ? Party.Recipient : Party.Hub;
}
