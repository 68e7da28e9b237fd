using ReferralHub.Hub.Audit;

namespace ReferralHub.Hub;

/// <summary>A loop that looks every so often for what is due. While the log is behind or the database fails, that waits for a later round.</summary>
internal abstract partial class Rounds(
    IServiceScopeFactory scopes, LogHealth health, TimeProvider clock, TimeSpan every, Fatal fatal, ILogger logger) : Loop(scopes, fatal, logger)
{
    /// <summary>Does what is due now.</summary>
    /// <returns>How much.</returns>
    protected abstract Task<int> Round(HubDb db, CancellationToken ct);

    protected sealed override async Task Run(CancellationToken stopping)
    {
        while (true)
        {
            if (!health.IsBehind) await Try(stopping);
            await Task.Delay(every, clock, stopping);
        }
    }

    private async Task Try(CancellationToken ct)
    {
        try
        {
            await Use(db => Round(db, ct));
        }
        catch (Exception e) when (e.Failed())
        {
            Log.Failed(Logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "What is due could not be done. It is tried again.")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
