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

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Critical, "The server ends.")]
        public static partial void Ended(ILogger logger, Exception e);
    }
}
