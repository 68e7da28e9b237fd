using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Outbox;

namespace ReferralHub.Hub;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: it can accept something, which means that the database can
/// be written and the audit log keeps up; without RabbitMQ it still accepts everything. Anybody may ask, so the database is tried at most once a second.
/// </summary>
internal sealed class Health(TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _one = new(1);
    private long? _tried;
    private bool _writable;

    public static void Map(IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("/health").ExcludeFromDescription();
        health.MapGet("/live", () => TypedResults.Text("live\n"));
        health.MapGet("/ready", async (Health state, LogHealth log, BrokerState broker, HubDb db, CancellationToken ct) =>
            !log.IsBehind && await state.IsWritable(db, ct)
                ? Results.Text(broker.Trouble is null ? "ready\n" : "ready, but messages wait\n")
                : Results.Text("not ready\n", statusCode: StatusCodes.Status503ServiceUnavailable));
    }

    public void Dispose() => _one.Dispose();

    private async Task<bool> IsWritable(HubDb db, CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            if (_tried is { } tried && clock.GetElapsedTime(tried) < Fresh) return _writable;
            (_tried, _writable) = (clock.GetTimestamp(), await Try(db, ct));
            return _writable;
        }
        finally
        {
            _one.Release();
        }
    }

    private static async Task<bool> Try(HubDb db, CancellationToken ct)
    {
        try
        {
            // Keeps the epoch as it is, but takes the writer's turn, the lock and a commit.
            await db.Write(write => db.Set<Lease>().ExecuteUpdateAsync(set => set.SetProperty(l => l.Epoch, l => l.Epoch), write), ct);
            return true;
        }
        catch (Exception e) when (e.Failed())
        {
            return false;
        }
    }
}
