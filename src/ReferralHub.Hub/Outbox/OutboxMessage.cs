using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ReferralHub.Hub.Outbox;

/// <summary>A message that is committed and not yet confirmed by all its consumers.</summary>
internal sealed class OutboxMessage
{
    /// <summary>The order inside a stream. Across streams a lower one may be committed later.</summary>
    public long Seq { get; private init; }

    /// <summary>What consumers know it by; the same at each attempt.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>Messages of one stream are delivered strictly in order.</summary>
    public required string StreamId { get; init; }

    /// <summary>Which relay owns the stream: 0 to 31. The embedded engine has one relay, which owns all.</summary>
    public required int Shard { get; init; }

    public required string Type { get; init; }

    public required byte[] Body { get; init; }

    /// <summary>W3C trace context of the request that wrote it.</summary>
    public string? Traceparent { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset NotBefore { get; set; }

    public int Attempts { get; set; }

    /// <summary>The type of the last exception; its text could carry content.</summary>
    public string? LastError { get; set; }

    /// <summary>One that was parked, in its old place.</summary>
    public static OutboxMessage Again(ParkedMessage parked, DateTimeOffset now) => new()
    {
        Seq = parked.Seq,
        MessageId = parked.MessageId,
        StreamId = parked.StreamId,
        Shard = Publishing.ShardOf(parked.StreamId),
        Type = parked.Type,
        Body = parked.Body,
        Created = parked.Parked,
        NotBefore = now,
    };

    internal sealed class Table : IEntityTypeConfiguration<OutboxMessage>
    {
        public void Configure(EntityTypeBuilder<OutboxMessage> builder)
        {
            builder.ToTable("outbox").HasKey(m => m.Seq);
            builder.HasIndex(m => m.MessageId).IsUnique();
            builder.HasIndex(m => new { m.StreamId, m.Seq });
        }
    }
}

/// <summary>
/// A message that can never be delivered. Its stream stands still until an operator has looked, since skipping it would
/// break the order.
/// </summary>
internal sealed class ParkedMessage
{
    public required long Seq { get; init; }
    public required Guid MessageId { get; init; }
    public required string StreamId { get; init; }
    public required string Type { get; init; }
    public required byte[] Body { get; init; }
    public required DateTimeOffset Parked { get; init; }
    public required string Error { get; init; }

    internal sealed class Table : IEntityTypeConfiguration<ParkedMessage>
    {
        public void Configure(EntityTypeBuilder<ParkedMessage> builder)
        {
            builder.ToTable("outbox_parked").HasKey(m => m.Seq);
            builder.Property(m => m.Seq).ValueGeneratedNever();
            builder.HasIndex(m => m.StreamId);
        }
    }
}
