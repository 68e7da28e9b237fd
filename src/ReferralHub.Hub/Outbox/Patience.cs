using System.Text.Json;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Outbox;

/// <summary>
/// What stands between RabbitMQ and a consumer. A failure that may pass is tried again here and holds up what is behind, as the
/// embedded relay does, for a message that goes back to the broker would be overtaken. One that never passes is parked, and so
/// is what follows in its stream. Without it each failure would use up one of the deliveries that the queue allows.
/// </summary>
internal sealed partial class Patience<T>(IServiceScopeFactory scopes, TimeProvider clock, ILogger<Patience<T>> logger) : IFilter<ConsumeContext<T>>
    where T : class
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    public async Task Send(ConsumeContext<T> context, IPipe<ConsumeContext<T>> next)
    {
        var ct = context.CancellationToken;
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                if (!await Use(db => ParkBehind(db, context, ct))) await Take(context, next, ct);
                return;
            }
            catch (Exception e) when (!ct.IsCancellationRequested && !Relay.IsPermanent(e))
            {
                Log.Failed(logger, context.MessageId, typeof(T).Name, e);
                await Task.Delay(pause, clock, ct);
            }
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("patience");

    private async Task Take(ConsumeContext<T> context, IPipe<ConsumeContext<T>> next, CancellationToken ct)
    {
        try
        {
            await next.Send(context);
        }
        catch (Exception e) when (Relay.IsPermanent(e))
        {
            await Use(db => Park(db, context, e.GetType().Name, ct));
            Log.Parked(logger, context.MessageId, typeof(T).Name, e);
        }
    }

    // Nothing overtakes a message that is parked.
    private static async Task<bool> ParkBehind(HubDb db, ConsumeContext<T> context, CancellationToken ct)
    {
        var (seq, stream) = Row(context);
        return await db.Set<ParkedMessage>().AnyAsync(m => m.StreamId == stream && m.Seq < seq, ct)
            && await Park(db, context, "Behind", ct);
    }

    private static Task<bool> Park(HubDb db, ConsumeContext<T> context, string error, CancellationToken ct) => db.Write(async write =>
    {
        var (seq, stream) = Row(context);
        if (await db.Set<ParkedMessage>().AnyAsync(m => m.Seq == seq, write)) return true;
        db.Add(new ParkedMessage
        {
            Seq = seq,
            MessageId = context.MessageId!.Value,
            StreamId = stream,
            Type = Messages.Name(typeof(T)),
            Body = StrictJson.Write(context.Message),
            Parked = db.Clock.GetUtcNow(),
            Error = error,
        });
        return true;
    }, ct);

    // Thrown for what no relay of ours has sent; the queue gives it to its dead letters in the end.
    private static (long Seq, string Stream) Row(ConsumeContext<T> context) =>
        context.Headers.Get<long>(BrokerCarrier.Seq) is { } seq && context.Headers.Get<string>(BrokerCarrier.Stream) is { } stream && context.MessageId is not null
            ? (seq, stream)
            : throw new JsonException("The message is not from the outbox.");

    private async Task<bool> Use(Func<HubDb, Task<bool>> use)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<HubDb>());
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Message {MessageId} ({Type}) could not be taken. It is tried again, and what is behind it waits.")]
        public static partial void Failed(ILogger logger, Guid? messageId, string type, Exception e);

        [LoggerMessage(2, LogLevel.Critical, "Message {MessageId} ({Type}) can never be taken and is parked. Its stream stands still.")]
        public static partial void Parked(ILogger logger, Guid? messageId, string type, Exception e);
    }
}
