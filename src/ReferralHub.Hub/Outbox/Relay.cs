using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using MassTransit;
using MassTransit.Mediator;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Outbox;

/// <summary>
/// Hands committed messages to their consumers: streams side by side, one stream strictly in order. The embedded engine's
/// publish returns when every consumer has committed, and only then the row goes. A crash in between delivers again under
/// the same id, which the inbox knows.
/// </summary>
#pragma warning disable RS0030 // the one place that may publish: what it sends is committed already
internal sealed partial class Relay(
    IServiceScopeFactory scopes, IMediator mediator, Messages messages, TimeProvider clock, ILogger<Relay> logger)
#pragma warning restore RS0030
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>Delivers what is due. Holds no transaction and no context while consumers work.</summary>
    /// <returns>How many messages left the outbox.</returns>
    /// <exception cref="LeaseLostException">Another relay took over; its deletes count, ours do not.</exception>
    public async Task<int> RunOnce(long epoch, CancellationToken ct)
    {
        var due = await Use(db => Due(db, clock.GetUtcNow()).ToListAsync(ct));
        if (due.Count == 0) return 0;

        var delivered = new ConcurrentBag<long>();
        var failed = new ConcurrentBag<(OutboxMessage Message, Exception Error)>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Limits.RelayStreams, CancellationToken = ct };
        await Parallel.ForEachAsync(due.GroupBy(m => m.StreamId), options, async (stream, token) =>
        {
            foreach (var message in stream)
            {
                if (await Deliver(message, token) is { } error)
                {
                    // The rest of the stream waits: a message never overtakes the one before it.
                    failed.Add((message, error));
                    return;
                }

                delivered.Add(message.Seq);
            }
        });

        await Use(async db =>
        {
            await db.Write(token => Settle(db, epoch, delivered, failed, token), ct);
            return true;
        });
        return delivered.Count;
    }

    // A stream waits for its first message when that backs off, and stands still while one of it is parked.
    private static IQueryable<OutboxMessage> Due(HubDb db, DateTimeOffset now)
    {
        var outbox = db.Set<OutboxMessage>().AsNoTracking();
        return outbox
            .Where(m => !outbox.Any(first => first.StreamId == m.StreamId && first.Seq <= m.Seq && first.NotBefore > now))
            .Where(m => !db.Set<ParkedMessage>().Any(parked => parked.StreamId == m.StreamId))
            .OrderBy(m => m.Seq)
            .Take(Limits.RelayRows);
    }

    private async Task<Exception?> Deliver(OutboxMessage row, CancellationToken ct)
    {
        using var activity = new Activity("deliver");
        if (row.Traceparent is { } parent) activity.SetParentId(parent);
        activity.Start();
        try
        {
            var type = messages.Find(row.Type) ?? throw new JsonException($"No message is called {row.Type}.");
            var message = JsonSerializer.Deserialize(row.Body, type, StrictJson.Options) ?? throw new JsonException("null");
#pragma warning disable RS0030 // see the class
            await mediator.Publish(message, type, Pipe.Execute<PublishContext>(context => context.MessageId = row.MessageId), ct);
#pragma warning restore RS0030
            return null;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
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

    // What fails the same way however often it is tried.
    private static bool IsPermanent(Exception error) =>
        error is JsonException or InboxConflictException || (error.InnerException is { } inner && IsPermanent(inner));

    private async Task<T> Use<T>(Func<HubDb, Task<T>> use)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<HubDb>());
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Critical, "Message {MessageId} ({Type}) can never be delivered and is parked. Its stream stands still.")]
        public static partial void Parked(ILogger logger, Guid messageId, string type, Exception e);

        [LoggerMessage(2, LogLevel.Warning, "Message {MessageId} ({Type}) was not delivered, attempt {Attempt}. It is tried again.")]
        public static partial void BackedOff(ILogger logger, Guid messageId, string type, int attempt, Exception e);
    }
}
