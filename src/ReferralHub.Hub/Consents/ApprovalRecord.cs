using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Hub.Consents;

/// <summary>A second person's word for a statement that is to come.</summary>
internal sealed class ApprovalRecord
{
    /// <summary>Statement id of the approval.</summary>
    public required Digest Statement { get; init; }

    /// <summary>Statement id of what it approves.</summary>
    public required Digest Approves { get; init; }

    internal sealed class Table : IEntityTypeConfiguration<ApprovalRecord>
    {
        public void Configure(EntityTypeBuilder<ApprovalRecord> builder)
        {
            builder.ToTable("approvals").HasKey(a => a.Statement);
            builder.HasIndex(a => a.Approves);
        }
    }
}
