namespace ReferralHub.Protocol.Handoffs;

/// <summary>What a party does to a referral. Most are named as the state they lead to. Spec: docs/protocol.md §3.4.</summary>
public enum HandoffAct
{
    /// <inheritdoc cref="HandoffState.Delivered"/>
    Delivered,

    /// <inheritdoc cref="HandoffState.Undeliverable"/>
    Undeliverable,

    /// <inheritdoc cref="HandoffState.Acknowledged"/>
    Acknowledged,

    /// <inheritdoc cref="HandoffState.InformationRequested"/>
    InformationRequested,

    /// <summary>The sender answers under seal; the recipient decides again.</summary>
    InformationProvided,

    /// <inheritdoc cref="HandoffState.Accepted"/>
    Accepted,

    /// <inheritdoc cref="HandoffState.Declined"/>
    Declined,

    /// <inheritdoc cref="HandoffState.InProgress"/>
    InProgress,

    /// <inheritdoc cref="HandoffState.OnHold"/>
    OnHold,

    /// <inheritdoc cref="HandoffState.Completed"/>
    Completed,

    /// <inheritdoc cref="HandoffState.Failed"/>
    Failed,

    /// <inheritdoc cref="HandoffState.LoopClosed"/>
    LoopClosed,

    /// <summary>The sender takes it back: at once while Sent, else it asks the recipient to confirm.</summary>
    Withdrawn,

    /// <summary>The recipient confirms a withdrawal.</summary>
    CancelConfirmed,

    /// <inheritdoc cref="HandoffState.EnteredInError"/>
    EnteredInError,

    /// <inheritdoc cref="HandoffState.Expired"/>
    Expired,

    /// <inheritdoc cref="HandoffState.HandedBack"/>
    HandedBack,

    /// <summary>The recipient tells under seal how it goes. Sets no state.</summary>
    InterimNote,

    /// <summary>An appointment was made; when and where is sealed. Sets no state.</summary>
    Appointment,

    /// <summary>The child did not come. Sets no state.</summary>
    NoShow,

    /// <summary>A part that came is not what it should be. Sets no state.</summary>
    ContentMismatch,

    /// <summary>The sender changes how soon a person must act, for a coded reason. Sets no state.</summary>
    UrgencyChanged,
}
