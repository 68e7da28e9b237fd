using MassTransit;
using MassTransit.Mediator;

namespace ReferralHub.Hub.Outbox;

/// <summary>How committed messages come to their consumers: the one thing that the two engines' relays do each in their own way.</summary>
internal interface ICarrier
{
    /// <summary>How many streams it carries at once.</summary>
    int Streams { get; }

    /// <summary>Whether the last attempt got through. When it did not, one message is enough to try.</summary>
    bool IsUp { get; }

    /// <summary>
    /// Carries one message. When this returns, the row may go: every consumer has committed, or the broker has it on a quorum of
    /// disks in every queue that is to have it. Nobody can call it off, as it is not known how far it has come; it takes no longer
    /// than a write, or <see cref="Limits.BrokerSeconds"/>.
    /// </summary>
    /// <exception cref="CarrierDownException">It is not the message's fault: none would get through now.</exception>
    Task Carry(OutboxMessage row, object message, Type type);
}

/// <summary>Nothing can be carried now. The outbox keeps everything until it can.</summary>
internal sealed class CarrierDownException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The embedded engine's: consumers run in this process, and it returns when all of them have committed.</summary>
#pragma warning disable RS0030 // beside the broker's the one place that may publish: what it sends is committed already
internal sealed class MediatorCarrier(IMediator mediator) : ICarrier
{
    public int Streams => Limits.RelayStreams;

    public bool IsUp => true;

    public Task Carry(OutboxMessage row, object message, Type type) =>
        mediator.Publish(message, type, Pipe.Execute<PublishContext>(context => context.MessageId = row.MessageId), CancellationToken.None);
}
#pragma warning restore RS0030
