using RabbitMQ.Client.Exceptions;

namespace ReferralHub.Hub.Outbox;

/// <summary>
/// Looks whether RabbitMQ can be reached and has dead letters: messages over which a consumer's process ended again and again, or
/// that no relay of ours has sent. Nothing else would tell of them.
/// </summary>
internal sealed partial class DeadLetterWatch(
    IServiceScopeFactory scopes, Broker broker, BrokerState state, Messages messages, TimeProvider clock, Fatal fatal, ILogger<DeadLetterWatch> logger)
    : Loop(scopes, fatal, logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(Limits.DeadLetterSeconds);

    protected override async Task Run(CancellationToken stopping)
    {
        while (true)
        {
            var found = await Look(stopping);
            if (found is not null && found != state.Trouble) Log.Trouble(logger, found);
            state.Trouble = found;
            await Task.Delay(Every, clock, stopping);
        }
    }

    private async Task<string?> Look(CancellationToken ct)
    {
        try
        {
            return await broker.FindDeadLetters(messages, ct);
        }
        catch (Exception e) when (e is BrokerUnreachableException or OperationInterruptedException or AlreadyClosedException or TimeoutException or IOException)
        {
            return broker.Explain(e).Message;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Critical, "RabbitMQ needs an operator: {What}")]
        public static partial void Trouble(ILogger logger, string what);
    }
}
