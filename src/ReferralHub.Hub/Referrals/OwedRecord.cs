using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Protocol.Clocks;

namespace ReferralHub.Hub.Referrals;

/// <summary>
/// What is owed about a referral beside its own clock, whatever its state: a holder's erasure receipt, a coordinator's review.
/// There as long as it is owed. Spec: docs/protocol.md §3.7.
/// </summary>
internal sealed class OwedRecord
{
    public required Guid Referral { get; init; }

    public required ClockKind Kind { get; init; }

    /// <summary>When it is missed.</summary>
    public required DateTimeOffset Due { get; init; }

    /// <summary>When that is told; null once it was. Of two loops that race, one finds it changed.</summary>
    public required DateTimeOffset? TellAt { get; set; }

    /// <summary>Starts a clock, in the write of what makes it owed.</summary>
    public static void Start(HubDb db, Guid referral, ClockKind kind, DateTimeOffset due) =>
        db.Add(new OwedRecord { Referral = referral, Kind = kind, Due = due, TellAt = due });

    /// <summary>Stops it, in the write of the person's act that settles it.</summary>
    public static async Task Settle(HubDb db, Guid referral, ClockKind kind, CancellationToken ct)
    {
        if (await db.Set<OwedRecord>().SingleOrDefaultAsync(o => o.Referral == referral && o.Kind == kind, ct) is { } owed) db.Remove(owed);
    }

    internal sealed class Table : IEntityTypeConfiguration<OwedRecord>
    {
        public void Configure(EntityTypeBuilder<OwedRecord> builder)
        {
            builder.ToTable("owed").HasKey(o => new { o.Referral, o.Kind });
            builder.Property(o => o.TellAt).IsConcurrencyToken();
            builder.HasIndex(o => o.TellAt).HasFilter("tell_at IS NOT NULL");
        }
    }
}
