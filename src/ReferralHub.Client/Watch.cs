namespace ReferralHub.Client;

/// <summary>Gives up when nothing has moved for a while: a long transfer may take long, but not stand still.</summary>
internal sealed class Watch : IDisposable
{
    private readonly CancellationTokenSource _stall;
    private readonly CancellationTokenSource _either;
    private readonly TimeSpan _patience;

    public Watch(TimeSpan patience, TimeProvider clock, CancellationToken ct)
    {
        _patience = patience;
        _stall = new CancellationTokenSource(patience, clock);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_stall.Token, ct);
    }

    /// <summary>Cancelled by the caller, or when nothing moved.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Whether it was us.</summary>
    public bool HasStalled => _stall.IsCancellationRequested;

    /// <summary>Something moved.</summary>
    public void Kick() => _stall.CancelAfter(_patience);

    public void Dispose()
    {
        _either.Dispose();
        _stall.Dispose();
    }
}
