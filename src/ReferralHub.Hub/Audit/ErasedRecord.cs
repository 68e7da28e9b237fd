using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Audit;

namespace ReferralHub.Hub.Audit;

/// <summary>
/// What is left of an event that was erased: its leaf in the log, so that all proofs still verify, also those of a log that a
/// restored hub opens. Nobody learns from it what happened. Spec: docs/protocol.md §4.8.
/// </summary>
internal sealed class ErasedRecord : ILogged
{
    /// <summary>The event's <see cref="AuditRecord.Id"/>.</summary>
    public required long Id { get; init; }

    public required long? Index { get; set; }

    /// <summary>The log's hash of the leaf.</summary>
    public required Digest Leaf { get; init; }

    /// <summary>Id of the statement that took effect by it: whoever asks for its receipt hears that it is erased.</summary>
    public required Digest? Statement { get; init; }

    Digest ILogged.LeafHash => Leaf;

    public static ErasedRecord Of(AuditRecord record) => new()
    {
        Id = record.Id,
        Index = record.Index,
        Leaf = record.LeafHash,
        Statement = record.Code is AuditEventCode.StatementRecorded or AuditEventCode.PartReleased ? record.Statement : null,
    };

    /// <summary>Whether the record of a statement was erased.</summary>
    public static Task<bool> Has(HubDb db, Digest statement, CancellationToken ct) =>
        db.Set<ErasedRecord>().AnyAsync(r => r.Statement == statement, ct);

    internal sealed class Table : IEntityTypeConfiguration<ErasedRecord>
    {
        public void Configure(EntityTypeBuilder<ErasedRecord> builder)
        {
            builder.ToTable("erased_records").HasKey(r => r.Id);
            builder.Property(r => r.Id).ValueGeneratedNever();
            builder.HasIndex(r => r.Index).IsUnique();
            builder.HasIndex(r => r.Statement);
        }
    }
}
