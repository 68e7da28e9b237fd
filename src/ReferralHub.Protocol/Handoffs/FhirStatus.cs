namespace ReferralHub.Protocol.Handoffs;

/// <summary>A state in the words of HL7 FHIR R4 <c>Task</c>. Spec: docs/protocol.md §3.4.</summary>
/// <param name="Status">Code of <c>Task.status</c>.</param>
/// <param name="BusinessStatus">Code for <c>Task.businessStatus</c> where the status alone would say too little; else null.</param>
public readonly record struct FhirStatus(string Status, string? BusinessStatus = null)
{
    /// <summary>The words for <paramref name="state"/>: no two states have the same.</summary>
    public static FhirStatus Of(HandoffState state) => state switch
    {
        HandoffState.Sent => new("requested"),
        HandoffState.Delivered => new("requested", "delivered"),
        HandoffState.Undeliverable => new("failed", "undeliverable"),
        HandoffState.Acknowledged => new("received"),
        HandoffState.InformationRequested => new("received", "information-requested"),
        HandoffState.Accepted => new("accepted"),
        HandoffState.Declined => new("rejected"),
        HandoffState.InProgress => new("in-progress"),
        HandoffState.OnHold => new("on-hold"),
        HandoffState.Completed => new("completed"),
        HandoffState.Failed => new("failed"),
        HandoffState.LoopClosed => new("completed", "loop-closed"),
        HandoffState.Withdrawn => new("cancelled"),
        HandoffState.EnteredInError => new("entered-in-error"),
        HandoffState.Expired => new("failed", "expired"),
        HandoffState.HandedBack => new("failed", "handed-back"),
    };
}
