using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Restoring;

/// <summary>
/// That this database was restored from a backup. Until <see cref="Opened"/> is set the hub does nothing but gather what agencies
/// hold. Spec: docs/protocol.md §4.7.
/// </summary>
internal sealed class Restoration
{
    /// <summary>The number of the audit log that it opens.</summary>
    public required int Number { get; init; }

    /// <summary>When the backup was made.</summary>
    public required DateTimeOffset Backup { get; init; }

    /// <summary>Entries that the directory had in the backup.</summary>
    public required long Directory { get; init; }

    /// <summary>When the new log was opened; null while the hub gathers.</summary>
    public DateTimeOffset? Opened { get; set; }

    /// <summary>The one that gathers, or null.</summary>
    public static Task<Restoration?> Gathering(HubDb db, CancellationToken ct) =>
        db.Set<Restoration>().AsNoTracking().SingleOrDefaultAsync(r => r.Opened == null, ct);

    internal sealed class Table : IEntityTypeConfiguration<Restoration>
    {
        public void Configure(EntityTypeBuilder<Restoration> builder)
        {
            builder.ToTable("restorations").HasKey(r => r.Number);
            builder.Property(r => r.Number).ValueGeneratedNever();
        }
    }
}

/// <summary>An agency that has shown what it holds.</summary>
internal sealed class Attendance
{
    public required AgencyId Agency { get; init; }

    /// <summary>The newest head that it holds of the log that is not continued: the hub's own signature is under it.</summary>
    public long? Size { get; set; }

    /// <inheritdoc cref="Size"/>
    public Digest? Root { get; set; }

    /// <summary>Whether it has handed in all.</summary>
    public bool Done { get; set; }

    internal sealed class Table : IEntityTypeConfiguration<Attendance>
    {
        public void Configure(EntityTypeBuilder<Attendance> builder) => builder.ToTable("attendances").HasKey(a => a.Agency);
    }
}

/// <summary>A statement that some agency brought, with what any of them could show of it. Nothing of it is believed yet.</summary>
internal sealed class HandedIn
{
    public required Digest Statement { get; init; }

    public required string Token { get; init; }

    public byte[]? Event { get; set; }

    public byte[]? Opening { get; set; }

    /// <summary>The hub-receipt of then.</summary>
    public string? Receipt { get; set; }

    /// <summary>A tlog-proof of then.</summary>
    public byte[]? Proof { get; set; }

    internal sealed class Table : IEntityTypeConfiguration<HandedIn>
    {
        public void Configure(EntityTypeBuilder<HandedIn> builder) => builder.ToTable("handed_in").HasKey(h => h.Statement);
    }
}
