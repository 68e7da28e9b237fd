namespace ReferralHub.Tests.Gateway;

/// <summary>A clock that runs from a given time on and can be put forward: some acts wait for the next second.</summary>
internal sealed class FlowingClock : TimeProvider
{
    private readonly TimeSpan _offset;

    public FlowingClock(DateTimeOffset start) => _offset = start - base.GetUtcNow();

    /// <summary>How far it was put forward.</summary>
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _offset + Ahead;
}
