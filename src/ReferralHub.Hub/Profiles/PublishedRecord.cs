using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Profiles;

/// <summary>The newest profile of an agency, and its newest word on capacity. What was said before stays among the statements.</summary>
internal sealed class PublishedRecord
{
    public required AgencyId Agency { get; init; }

    public required StatementKind Kind { get; init; }

    public required Digest Statement { get; set; }

    /// <summary>The agency's own time of it: what is older never takes its place.</summary>
    public required DateTimeOffset IssuedAt { get; set; }

    internal sealed class Table : IEntityTypeConfiguration<PublishedRecord>
    {
        public void Configure(EntityTypeBuilder<PublishedRecord> builder)
        {
            builder.ToTable("published").HasKey(p => new { p.Agency, p.Kind });
            builder.Property(p => p.Statement).IsConcurrencyToken();
        }
    }
}
