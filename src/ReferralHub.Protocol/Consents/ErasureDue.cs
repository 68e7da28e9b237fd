using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Consents;

/// <summary>By when a holder answers a revocation with an erasure receipt, and a sender a notice of one. Spec: docs/protocol.md §3.8.</summary>
public static class ErasureDue
{
    /// <summary>One hour in an emergency, else 24.</summary>
    /// <param name="urgency">The urgency that counted when the revocation was recorded.</param>
    /// <param name="recorded">When it was, by the hub's clock.</param>
    public static DateTimeOffset Of(Urgency urgency, DateTimeOffset recorded) =>
        recorded + TimeSpan.FromHours(urgency is Urgency.Emergency ? 1 : 24);
}
