namespace ReferralHub.Hub;

/// <summary>Why the server ended by itself, or null. The serve command reports it and exits 1.</summary>
internal sealed class Fatal(IHostApplicationLifetime process)
{
    private Exception? _cause;

    public Exception? Cause => Volatile.Read(ref _cause);

    /// <summary>Ends the server; of several causes the first counts.</summary>
    public void End(Exception cause)
    {
        Interlocked.CompareExchange(ref _cause, cause, null);
        process.StopApplication();
    }
}

/// <summary>
/// Work that goes on as long as the server runs. What it does not handle itself ends the server with an error: a hub that
/// runs on without its relay or its log would look well and not be.
/// </summary>
internal abstract partial class Loop(IServiceScopeFactory scopes, Fatal fatal, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    protected ILogger Logger => logger;

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Run(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            Log.Ended(logger, e);
            fatal.End(e);
        }
    }

    /// <summary>Works until <paramref name="stopping"/>.</summary>
    protected abstract Task Run(CancellationToken stopping);

    /// <summary>Runs <paramref name="use"/> with a context of its own.</summary>
    protected async Task<T> Use<T>(Func<HubDb, Task<T>> use)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<HubDb>());
    }

    /// <summary>Takes a lease; while the database fails, as it may just after a start, that is tried again.</summary>
    /// <returns>The epoch to guard every write with.</returns>
    protected async Task<long> Lead(string lease, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await Use(db => Lease.Take(db, lease, ct));
            }
            catch (Exception e) when (e.Failed())
            {
                Log.NoLease(logger, lease, e);
                await Task.Delay(Pause, ct);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Critical, "The server ends.")]
        public static partial void Ended(ILogger logger, Exception e);

        [LoggerMessage(2, LogLevel.Error, "The database fails, so nobody is the {Lease} yet. It is tried again.")]
        public static partial void NoLease(ILogger logger, string lease, Exception e);
    }
}
