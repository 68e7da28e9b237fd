using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Outbox;

namespace ReferralHub.Hub;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: it can accept something, which means that the database can
/// be written and the audit log keeps up; without RabbitMQ it still accepts everything. Anybody may ask, so the database is tried at most once a second.
/// </summary>
internal sealed class Health(IServiceScopeFactory scopes, TimeProvider clock)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5); // a disk that stands still does not fail

    private readonly Lock _one = new();
    private Task<bool>? _trying;
    private long _since;

    public static void Map(IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("/health").ExcludeFromDescription();
        health.MapGet("/live", () => TypedResults.Text("live\n"));
        health.MapGet("/ready", async (Health state, LogHealth log, BrokerState broker, CancellationToken ct) =>
            !log.IsBehind && await state.IsWritable(ct)
                ? Results.Text(broker.Trouble is null ? "ready\n" : "ready, but messages wait\n")
                : Results.Text("not ready\n", statusCode: StatusCodes.Status503ServiceUnavailable));
    }

    private async Task<bool> IsWritable(CancellationToken ct)
    {
        Task<bool> trying;
        lock (_one)
        {
            if (_trying is null || (_trying.IsCompleted && clock.GetElapsedTime(_since) >= Fresh)) (_since, _trying) = (clock.GetTimestamp(), Task.Run(Try, CancellationToken.None));
            trying = _trying;
        }

        return await Task.WhenAny(trying, Task.Delay(Patience, clock, ct)) == trying && await trying;
    }

    private async Task<bool> Try()
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<HubDb>();
            // It has to change something: SQLite writes nothing where a row stays as it was.
            await Lease.Take(db, Lease.Trial, CancellationToken.None);
            return true;
        }
        catch (Exception e) when (e.Failed())
        {
            return false;
        }
    }
}
