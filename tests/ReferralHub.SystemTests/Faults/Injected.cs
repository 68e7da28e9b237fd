namespace ReferralHub.SystemTests.Faults;

/// <summary>A fault that was seen to take effect.</summary>
/// <param name="Kind">What was done.</param>
/// <param name="InFlight">Whether somebody waited for an answer of the process, of the hub where it was a server.</param>
internal sealed record Injected(FaultKind Kind, bool InFlight);
