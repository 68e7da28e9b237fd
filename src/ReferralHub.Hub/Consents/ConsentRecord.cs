using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Hub.Consents;

/// <summary>A consent that an agency recorded. Its terms are in the statement.</summary>
internal sealed class ConsentRecord
{
    public required Guid Id { get; init; }

    /// <summary>Statement id.</summary>
    public required Digest Statement { get; init; }

    /// <summary>Statement id of its revocation; null unless the grantor took it back.</summary>
    public Digest? Revocation { get; set; }

    internal sealed class Table : IEntityTypeConfiguration<ConsentRecord>
    {
        public void Configure(EntityTypeBuilder<ConsentRecord> builder) =>
            builder.ToTable("consents").HasKey(c => c.Id);
    }
}
