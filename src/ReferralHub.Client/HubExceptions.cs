namespace ReferralHub.Client;

/// <summary>The hub answered, and said no.</summary>
/// <param name="problem">What it said.</param>
public sealed class HubRefusedException(HubProblem problem) : Exception($"The hub refused: {problem}.")
{
    /// <summary>What the hub said.</summary>
    public HubProblem Problem { get; } = problem;
}

/// <summary>What kept the hub from answering.</summary>
public enum HubFailure
{
    /// <summary>No connection: the name does not resolve, nothing listens, the network is down.</summary>
    Unreachable,

    /// <summary>Somebody listens who is not the hub that genesis names.</summary>
    WrongServer,

    /// <summary>The connection ended before an answer. A hub does this to a client certificate that it does not know.</summary>
    Dropped,

    /// <summary>The hub stopped sending or receiving for too long.</summary>
    Stalled,
}

/// <summary>There is no answer, and it is unknown whether the request took effect. Sending it again is always safe.</summary>
/// <param name="failure">What kept the hub from answering.</param>
/// <param name="message">What happened and what to look at, for a person.</param>
/// <param name="cause">The error underneath, if any.</param>
public sealed class HubUnreachableException(HubFailure failure, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>What kept the hub from answering.</summary>
    public HubFailure Failure { get; } = failure;
}

/// <summary>The answer is not what docs/protocol.md §6 promises: too long, cut, of another form, or about something else.</summary>
/// <param name="message">What is wrong with it.</param>
/// <param name="cause">The error underneath, if any.</param>
public sealed class HubAnswerException(string message, Exception? cause = null) : Exception(message, cause);
