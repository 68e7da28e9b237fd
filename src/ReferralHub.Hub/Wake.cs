namespace ReferralHub.Hub;

/// <summary>
/// Tells loops that there is something to read. Take <see cref="Next"/> before reading, wait on it after: what is
/// committed in between is not missed. Only a hint: every loop polls as well.
/// </summary>
internal sealed class Wake
{
    private TaskCompletionSource _next = New();

    public Task Next => Volatile.Read(ref _next).Task;

    public void Set() => Interlocked.Exchange(ref _next, New()).SetResult();

    // Continuations run elsewhere: whoever commits does not do the loop's work.
    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>The loops of this process.</summary>
internal sealed class Wakes
{
    /// <summary>Messages wait in the outbox.</summary>
    public Wake Relay { get; } = new();

    /// <summary>Events wait for their place in the audit log.</summary>
    public Wake Sequencer { get; } = new();

    /// <summary>An agency's feed grew.</summary>
    public Wake Feed { get; } = new();
}
