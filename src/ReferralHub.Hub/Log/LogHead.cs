using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Log;

/// <summary>Which of the hub's two logs (docs/protocol.md §4.1).</summary>
internal enum LogName
{
    Directory,
    Audit,
}

/// <summary>The newest state of a log that the hub has signed and published.</summary>
internal sealed class LogHead
{
    public required LogName Log { get; init; }
    public required long Size { get; set; }
    public required Digest Root { get; set; }

    /// <summary>The signed checkpoint with the hub's cosignature.</summary>
    public required byte[] Note { get; set; }

    public required DateTimeOffset Cosigned { get; set; }

    /// <summary>Which audit log it is: 1, or one more for each time that the hub was restored (docs/protocol.md §4.7). Of the directory there is one.</summary>
    public int Number { get; init; } = 1;

    public TreeHead ToTreeHead() => new(Size, Root);

    internal sealed class Table : IEntityTypeConfiguration<LogHead>
    {
        public void Configure(EntityTypeBuilder<LogHead> builder)
        {
            builder.ToTable("log_heads").HasKey(h => h.Log);
            builder.Property(h => h.Number).HasDefaultValue(1);
        }
    }
}

/// <summary>A state that the hub once published. Statements name one (docs/protocol.md §3.2).</summary>
internal sealed class PublishedHead
{
    public required LogName Log { get; init; }
    public required long Size { get; init; }
    public required Digest Root { get; init; }

    /// <summary>Whether the hub ever published <paramref name="head"/>.</summary>
    public static Task<bool> Exists(HubDb db, LogName log, TreeHead head, CancellationToken ct)
    {
        var (size, root) = head;
        return db.Set<PublishedHead>().AnyAsync(h => h.Log == log && h.Size == size && h.Root == root, ct);
    }

    internal sealed class Table : IEntityTypeConfiguration<PublishedHead>
    {
        public void Configure(EntityTypeBuilder<PublishedHead> builder) =>
            builder.ToTable("published_heads").HasKey(h => new { h.Log, h.Size });
    }
}
