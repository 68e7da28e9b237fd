using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Notifications;

/// <summary>What an agency is told. Its position is dense from 1, so that a reader sees a gap.</summary>
internal sealed class FeedItem
{
    public required AgencyId Agency { get; init; }

    public required long Position { get; init; }

    /// <summary>Id of the statement. Once that is erased the item stays, so that no gap is to be seen where none was.</summary>
    public required Digest Statement { get; init; }

    /// <summary>The consent's statement that goes with a referral.</summary>
    public Digest? With { get; init; }

    /// <summary>The approval's statement that goes with what a second person had to approve.</summary>
    public Digest? Approval { get; init; }

    internal sealed class Table : IEntityTypeConfiguration<FeedItem>
    {
        public void Configure(EntityTypeBuilder<FeedItem> builder)
        {
            builder.ToTable("feed_items").HasKey(i => new { i.Agency, i.Position });
            // For ever, while the inbox forgets after 30 days: a message replayed later is told only once all the same.
            builder.HasIndex(i => new { i.Agency, i.Statement }).IsUnique();
        }
    }
}

/// <summary>The last position that was given out in an agency's feed.</summary>
internal sealed class FeedHead
{
    public required AgencyId Agency { get; init; }

    public required long N { get; init; }

    /// <summary>Takes the next position in the write that is under way. Whoever wants the next one waits for its end, so none is skipped.</summary>
    public static async Task<long> Next(HubDb db, AgencyId agency, CancellationToken ct)
    {
        var name = agency.ToString();
        var taken = await db.Database
            .SqlQuery<long>($"INSERT INTO feed_heads (agency, n) VALUES ({name}, 1) ON CONFLICT (agency) DO UPDATE SET n = feed_heads.n + 1 RETURNING n")
            .ToListAsync(ct);
        return taken.Single();
    }

    internal sealed class Table : IEntityTypeConfiguration<FeedHead>
    {
        public void Configure(EntityTypeBuilder<FeedHead> builder) => builder.ToTable("feed_heads").HasKey(h => h.Agency);
    }
}
