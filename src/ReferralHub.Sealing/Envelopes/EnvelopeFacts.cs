using ReferralHub.Protocol.Wire;

namespace ReferralHub.Sealing.Envelopes;

/// <summary>What the sender says about an envelope. Spec: docs/protocol.md §2.4.</summary>
public sealed record EnvelopeFacts
{
    /// <summary>Who seals and signs.</summary>
    public required AgencyId Sender { get; init; }

    /// <summary>Whom it is for. In a copy that one seals to oneself, still the other agency.</summary>
    public required AgencyId Recipient { get; init; }

    /// <summary>The referral it belongs to.</summary>
    public required Guid Referral { get; init; }

    /// <summary>Which part it is.</summary>
    public required Part Part { get; init; }

    /// <summary>The exact categories of its content, in the order of §1.6, none twice.</summary>
    public required IReadOnlyList<Category> Categories { get; init; }

    /// <summary>When it is sealed, by the sender's clock; fractions of a second are cut off.</summary>
    public required DateTimeOffset SealedAt { get; init; }
}
