namespace ReferralHub.Hub.Restoring;

/// <summary>Ends a server that gathers once the operator has opened the new log beside it.</summary>
internal sealed class AwaitOpening(IServiceScopeFactory scopes, IHostApplicationLifetime process, TimeProvider clock, Fatal fatal, ILogger<AwaitOpening> logger)
    : Loop(scopes, fatal, logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    private volatile bool _isOpen;

    /// <summary>Whether that is why it ended.</summary>
    public bool IsOpen => _isOpen;

    protected override async Task Run(CancellationToken stopping)
    {
        while (await Use(db => Restoration.Gathering(db, stopping)) is not null) await Task.Delay(Every, clock, stopping);
        _isOpen = true;
        process.StopApplication();
    }
}
