using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Outbox;

/// <summary>
/// Hands committed messages to the <see cref="ICarrier"/>: streams side by side, one stream strictly in order, and a row goes
/// only once its message was carried. A crash in between delivers again under the same id, which the inbox knows.
/// </summary>
internal sealed partial class Relay(
    IServiceScopeFactory scopes, ICarrier carrier, Messages messages, TimeProvider clock, ILogger<Relay> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>Delivers what is due. Holds no transaction and no context while consumers work.</summary>
    /// <param name="epoch">The lease.</param>
    /// <param name="ct">Begins nothing more; what is on its way gets there, and leaves the outbox.</param>
    /// <returns>How many messages left the outbox.</returns>
    /// <exception cref="LeaseLostException">Another relay took over; its deletes count, ours do not.</exception>
    public async Task<int> RunOnce(long epoch, CancellationToken ct)
    {
        var rows = carrier.IsUp ? Limits.RelayRows : 1;
        var due = await Use(db => Due(db, clock.GetUtcNow()).Take(rows).ToListAsync(ct));
        if (due.Count == 0) return 0;

        var delivered = new ConcurrentBag<long>();
        var failed = new ConcurrentBag<(OutboxMessage Message, Exception Error)>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = carrier.Streams };
        await Parallel.ForEachAsync(due.GroupBy(m => m.StreamId), options, async (stream, _) =>
        {
            foreach (var message in stream)
            {
                if (ct.IsCancellationRequested) return;
                // The rest of the stream waits: a message never overtakes the one before it. When nothing gets through that is not
                // its message's fault: it is due again as soon as something does.
                var error = carrier.IsUp || message == due[0] ? await Deliver(message) : new CarrierDownException("It is down.");
                if (error is not null)
                {
                    if (error is CarrierDownException) Log.Down(logger, error);
                    else failed.Add((message, error));
                    return;
                }

                delivered.Add(message.Seq);
            }
        });

        if (delivered.IsEmpty && failed.IsEmpty) return 0;
        await Use(async db =>
        {
            await db.Write(token => Settle(db, epoch, delivered, failed, token), CancellationToken.None);
            return true;
        });
        return delivered.Count;
    }

    // A stream waits for its first message when that backs off, and stands still while one of it is parked. A time that lies further
    // ahead than any pause is one that a clock wrote which has been set back since: it holds up nothing.
    private static IQueryable<OutboxMessage> Due(HubDb db, DateTimeOffset now)
    {
        var outbox = db.Set<OutboxMessage>().AsNoTracking();
        var latest = now + LongestPause;
        return outbox
            .Where(m => !outbox.Any(first => first.StreamId == m.StreamId && first.Seq <= m.Seq && first.NotBefore > now && first.NotBefore <= latest))
            .Where(m => !db.Set<ParkedMessage>().Any(parked => parked.StreamId == m.StreamId))
            .OrderBy(m => m.Seq);
    }

    private async Task<Exception?> Deliver(OutboxMessage row)
    {
        using var activity = new Activity("deliver");
        if (row.Traceparent is { } parent) activity.SetParentId(parent);
        activity.Start();
        try
        {
            var type = messages.Find(row.Type) ?? throw new JsonException($"No message is called {row.Type}.");
            var message = JsonSerializer.Deserialize(row.Body, type, StrictJson.Options) ?? throw new JsonException("null");
            await carrier.Carry(row, message, type);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private async Task Settle(
        HubDb db,
        long epoch,
        IReadOnlyCollection<long> delivered,
        IReadOnlyCollection<(OutboxMessage Message, Exception Error)> failed,
        CancellationToken ct)
    {
        await Lease.Require(db, Lease.Relay, epoch, ct);
        await db.Set<OutboxMessage>().Where(m => delivered.Contains(m.Seq)).ExecuteDeleteAsync(ct);
        foreach (var (message, error) in failed)
        {
            var row = await db.Set<OutboxMessage>().SingleAsync(m => m.Seq == message.Seq, ct);
            if (IsPermanent(error)) Park(db, row, error);
            else BackOff(row, error);
        }
    }

    private void Park(HubDb db, OutboxMessage row, Exception error)
    {
        db.Remove(row);
        db.Add(new ParkedMessage
        {
            Seq = row.Seq,
            MessageId = row.MessageId,
            StreamId = row.StreamId,
            Type = row.Type,
            Body = row.Body,
            Parked = clock.GetUtcNow(),
            Error = error.GetType().Name,
        });
        Log.Parked(logger, row.MessageId, row.Type, error);
    }

    private void BackOff(OutboxMessage row, Exception error)
    {
        var pause = Math.Min(FirstPause.TotalMilliseconds * Math.Pow(2, row.Attempts), LongestPause.TotalMilliseconds);
        // Between half and all of the pause, so that streams that failed together do not come back together.
        pause -= pause * RandomNumberGenerator.GetInt32(500) / 1000;
        row.Attempts++;
        row.NotBefore = clock.GetUtcNow().AddMilliseconds(pause);
        row.LastError = error.GetType().Name;
        Log.BackedOff(logger, row.MessageId, row.Type, row.Attempts, error);
    }

    /// <summary>Whether it fails the same way however often it is tried.</summary>
    internal static bool IsPermanent(Exception error) =>
        error is JsonException or InboxConflictException || (error.InnerException is { } inner && IsPermanent(inner));

    private async Task<T> Use<T>(Func<HubDb, Task<T>> use)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<HubDb>());
    }

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Warning, "Nothing can be carried now. The outbox keeps everything until it can.")]
        public static partial void Down(ILogger logger, Exception e);

        [LoggerMessage(1, LogLevel.Critical, "Message {MessageId} ({Type}) can never be delivered and is parked. Its stream stands still.")]
        public static partial void Parked(ILogger logger, Guid messageId, string type, Exception e);

        [LoggerMessage(2, LogLevel.Warning, "Message {MessageId} ({Type}) was not delivered, attempt {Attempt}. It is tried again.")]
        public static partial void BackedOff(ILogger logger, Guid messageId, string type, int attempt, Exception e);
    }
}
