namespace ReferralHub.Protocol.Handoffs;

/// <summary>Where a referral stands. Spec: docs/protocol.md §3.4.</summary>
public enum HandoffState
{
    /// <summary>The hub has committed it; it cannot be lost.</summary>
    Sent,

    /// <summary>The recipient's gateway verified it and holds the summary.</summary>
    Delivered,

    /// <summary>The recipient's gateway cannot open it or may not take it. Terminal: the sender seals anew, under a new referral.</summary>
    Undeliverable,

    /// <summary>A named person at the recipient has seen that it exists and owns deciding.</summary>
    Acknowledged,

    /// <summary>The recipient asked the sender something under seal before it decides.</summary>
    InformationRequested,

    /// <summary>The recipient is responsible.</summary>
    Accepted,

    /// <summary>The recipient said no, with a coded reason. Terminal.</summary>
    Declined,

    /// <summary>The service has started.</summary>
    InProgress,

    /// <summary>The child waits for the service, at the recipient's care.</summary>
    OnHold,

    /// <summary>The service ended, with an outcome.</summary>
    Completed,

    /// <summary>The service did not come about or broke off, for a coded reason.</summary>
    Failed,

    /// <summary>The sender has read the outcome. Terminal.</summary>
    LoopClosed,

    /// <summary>The sender took it back; once it was delivered, the recipient has confirmed. Terminal.</summary>
    Withdrawn,

    /// <summary>The sender says that it should never have been. Terminal.</summary>
    EnteredInError,

    /// <summary>Nobody decided in time. Terminal; never an emergency.</summary>
    Expired,

    /// <summary>The recipient was closed before an outcome: the hub gave it back to the sender. Terminal.</summary>
    HandedBack,
}

/// <summary>A role in one referral.</summary>
public enum Party
{
    /// <summary>The agency that referred.</summary>
    Sender,

    /// <summary>The agency referred to.</summary>
    Recipient,

    /// <summary>The hub, which only counts time.</summary>
    Hub,
}

/// <summary>Where a referral stands, with the mark that a withdrawal leaves until the recipient confirms it.</summary>
/// <param name="State">The state.</param>
/// <param name="Withdrawing">Whether the sender has asked to take it back, and nobody has answered yet.</param>
public readonly record struct HandoffPosition(HandoffState State, bool Withdrawing = false);
