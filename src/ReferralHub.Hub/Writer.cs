namespace ReferralHub.Hub;

/// <summary>
/// The process's turn to write. SQLite has one writer and lets the others poll for it; waiting here costs no thread, is
/// fair, and leaves the database's own lock to the commands that run beside the server.
/// </summary>
internal sealed class Writer : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Waits for the turn; disposing the result ends it.</summary>
    public async Task<IDisposable> Turn(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        return new Held(_one);
    }

    public void Dispose() => _one.Dispose();

    private sealed class Held(SemaphoreSlim one) : IDisposable
    {
        public void Dispose() => one.Release();
    }
}
