using MassTransit;

namespace ReferralHub.Hub.Outbox;

/// <summary>
/// The distributed engine's: RabbitMQ confirms once the message is on a quorum of disks. `Mandatory` makes it say so when no
/// queue would take it, instead of confirming and forgetting.
/// </summary>
#pragma warning disable RS0030 // beside the mediator's the one place that may publish: what it sends is committed already
internal sealed class BrokerCarrier(IBus bus, BrokerState state) : ICarrier
{
    /// <summary>What a consumer needs to know of the row to park its message.</summary>
    public const string Seq = "outbox-seq";

    /// <inheritdoc cref="Seq"/>
    public const string Stream = "outbox-stream";

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(Limits.BrokerSeconds);

    public int Streams => Limits.BrokerStreams;

    public bool IsUp => state.Publishes;

    public async Task Carry(OutboxMessage row, object message, Type type)
    {
        using var limit = new CancellationTokenSource(Within);
        try
        {
            await bus.Publish(message, type, Pipe.Execute<PublishContext>(context => Address(context, row)), limit.Token);
            state.Publishes = true;
        }
        catch (Exception e) when (e is OperationCanceledException or ConnectionException || limit.IsCancellationRequested)
        {
            state.Publishes = false;
            throw new CarrierDownException($"RabbitMQ did not confirm within {Within.TotalSeconds} s.", e);
        }
    }

    private static void Address(PublishContext context, OutboxMessage row)
    {
        context.MessageId = row.MessageId;
        context.Headers.Set(Seq, row.Seq);
        context.Headers.Set(Stream, row.StreamId);
        context.GetPayload<RabbitMqSendContext>().Mandatory = true;
    }
}
#pragma warning restore RS0030
