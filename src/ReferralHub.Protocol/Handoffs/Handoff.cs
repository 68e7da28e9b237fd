using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Handoffs;

/// <summary>Where a referral stands.</summary>
public enum HandoffState
{
    /// <summary>The hub has committed it; it cannot be lost.</summary>
    Sent,

    /// <summary>The recipient's gateway verified it and holds the summary.</summary>
    Delivered,

    /// <summary>A named person at the recipient has seen that it exists and owns deciding.</summary>
    Acknowledged,

    /// <summary>The recipient is responsible.</summary>
    Accepted,

    /// <summary>The recipient said no, with a coded reason. Terminal.</summary>
    Declined,

    /// <summary>The service ended, with an outcome.</summary>
    Completed,

    /// <summary>The sender has read the outcome. Terminal.</summary>
    LoopClosed,
}

/// <summary>A role in one referral.</summary>
public enum Party
{
    /// <summary>The agency that referred.</summary>
    Sender,

    /// <summary>The agency referred to.</summary>
    Recipient,
}

/// <summary>What a party does to a referral. Its name is that of the state it leads to.</summary>
public enum HandoffAct
{
    /// <inheritdoc cref="HandoffState.Delivered"/>
    Delivered,

    /// <inheritdoc cref="HandoffState.Acknowledged"/>
    Acknowledged,

    /// <inheritdoc cref="HandoffState.Accepted"/>
    Accepted,

    /// <inheritdoc cref="HandoffState.Declined"/>
    Declined,

    /// <inheritdoc cref="HandoffState.Completed"/>
    Completed,

    /// <inheritdoc cref="HandoffState.LoopClosed"/>
    LoopClosed,
}

/// <summary>The one function that moves a referral, and what follows from where it stands. Spec: docs/protocol.md §3.4, §3.6.</summary>
public static class Handoff
{
    /// <summary>The state after <paramref name="act"/>, or null if that party may not do that there.</summary>
    public static HandoffState? Next(HandoffState from, Party party, HandoffAct act) => (from, party, act) switch
    {
        (HandoffState.Sent, Party.Recipient, HandoffAct.Delivered) => HandoffState.Delivered,
        (HandoffState.Delivered, Party.Recipient, HandoffAct.Acknowledged) => HandoffState.Acknowledged,
        (HandoffState.Acknowledged, Party.Recipient, HandoffAct.Accepted) => HandoffState.Accepted,
        (HandoffState.Acknowledged, Party.Recipient, HandoffAct.Declined) => HandoffState.Declined,
        (HandoffState.Accepted, Party.Recipient, HandoffAct.Completed) => HandoffState.Completed,
        (HandoffState.Completed, Party.Sender, HandoffAct.LoopClosed) => HandoffState.LoopClosed,
        _ => null,
    };

    /// <summary>Whose act it is.</summary>
    public static Party ActorOf(HandoffAct act) => act is HandoffAct.LoopClosed ? Party.Sender : Party.Recipient;

    /// <summary>Who is responsible for the child now; null once the handoff is over.</summary>
    public static Party? Responsible(HandoffState state) => state switch
    {
        HandoffState.Sent or HandoffState.Delivered or HandoffState.Acknowledged or HandoffState.Declined => Party.Sender,
        HandoffState.Accepted => Party.Recipient,
        HandoffState.Completed => Party.Sender,
        HandoffState.LoopClosed => null,
    };

    /// <summary>Whether the hub may hand <paramref name="part"/> to <paramref name="party"/> now.</summary>
    public static bool MayRelease(HandoffState state, Party party, Part part) => (part, party) switch
    {
        (Part.Summary, Party.Recipient) => true,
        (Part.Record, Party.Recipient) => state is HandoffState.Accepted or HandoffState.Completed,
        (Part.Note, Party.Sender) => state is HandoffState.Completed or HandoffState.LoopClosed,
        _ => false,
    };
}
