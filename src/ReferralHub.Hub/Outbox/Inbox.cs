using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Outbox;

/// <summary>What a consumer has taken already. Kept for <see cref="Limits.InboxDays"/> days.</summary>
internal sealed class InboxEntry
{
    public required string Consumer { get; init; }
    public required Guid MessageId { get; init; }

    /// <summary>SHA-256 of the message.</summary>
    public required Digest Body { get; init; }

    public required DateTimeOffset Received { get; init; }

    internal sealed class Table : IEntityTypeConfiguration<InboxEntry>
    {
        public void Configure(EntityTypeBuilder<InboxEntry> builder)
        {
            builder.ToTable("inbox").HasKey(e => new { e.Consumer, e.MessageId });
            builder.HasIndex(e => e.Received);
        }
    }
}

/// <summary>A second message under an id that is taken. Somebody forged it or the outbox is broken: it is parked.</summary>
internal sealed class InboxConflictException(string consumer, Guid messageId)
    : Exception($"{consumer} took another message under the id {messageId}.");

internal static class Inbox
{
    /// <summary>
    /// Does <paramref name="work"/> in one <see cref="HubDb.Write{T}"/> with the note that <typeparamref name="TConsumer"/>
    /// has had this message; does nothing when it had it before.
    /// </summary>
    /// <exception cref="InboxConflictException">It had another message under this id.</exception>
    public static Task Once<TConsumer>(this HubDb db, ConsumeContext context, object message, Func<CancellationToken, Task> work)
        where TConsumer : IConsumer =>
        db.Write(async ct =>
        {
            var consumer = typeof(TConsumer).Name;
            var id = context.MessageId ?? throw new InvalidOperationException("The relay names every message.");
            var body = Digest.Of(StrictJson.Write(message));
            var received = db.Clock.GetUtcNow();

            // The row is taken inside this transaction: a concurrent delivery waits here and then finds it.
            var digest = body.ToArray();
            var taken = await db.Database.ExecuteSqlAsync(
                $"INSERT INTO inbox (consumer, message_id, body, received) VALUES ({consumer}, {id}, {digest}, {received.ToUnixTimeMilliseconds()}) ON CONFLICT DO NOTHING",
                ct);
            if (taken == 1)
            {
                await work(ct);
                return;
            }

            var first = await db.Set<InboxEntry>().AsNoTracking().SingleAsync(e => e.Consumer == consumer && e.MessageId == id, ct);
            if (first.Body != body) throw new InboxConflictException(consumer, id);
        }, context.CancellationToken);
}
