using ReferralHub.Cryptography.Encodings;
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

    public required Guid Consent { get; init; }

    public required Purpose Purpose { get; init; }

    /// <summary>The referral statement.</summary>
    public required Digest Statement { get; init; }

    public required DateTimeOffset Kept { get; init; }

    /// <summary>With our own acts that still wait for the hub counted in.</summary>
    public required HandoffState State { get; set; }

    /// <summary>The last state-setting statement, waiting ones counted in: what the next comes after.</summary>
    public required Digest Current { get; set; }

    /// <summary>Why a received referral is not delivered: ids and codes only.</summary>
    public string? Blocked { get; set; }

    /// <summary>Names of people who must not see a received referral, sealed to ourselves; null when there are none.</summary>
    public byte[]? SealedExclusions { get; set; }

    public AgencyId Other => Role == Party.Sender ? Recipient : Sender;

    public AgencyId? Responsible => Handoff.Responsible(State, Sender, Recipient);

    /// <summary>The act's effect, or null if that party may not do that here.</summary>
    public HandoffState? After(Party party, HandoffAct act) => Handoff.Next(new(State), party, act)?.State;
}
