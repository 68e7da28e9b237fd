using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub.Audit;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Statements;

/// <summary>A statement that took effect, as it was received, and the hub's answer to it. Never changed: a retry gets the same answer.</summary>
internal sealed class StoredStatement
{
    public required Digest Id { get; init; }

    /// <summary>The referral it is about.</summary>
    public Guid? Referral { get; init; }

    /// <summary>Whether it set that referral's state: a later statement may come after it.</summary>
    public required bool SetsState { get; init; }

    public required string Token { get; init; }

    /// <summary>The hub-receipt; null for a release request, which is answered with the part.</summary>
    public string? Receipt { get; init; }

    public long EventId { get; private set; }

    /// <summary>The event about it.</summary>
    public required AuditRecord Event { get; init; }

    /// <summary>Reads a token of ours.</summary>
    /// <exception cref="InvalidDataException">It is none: somebody else wrote to the database.</exception>
    public static SignedStatement Read(string token) =>
        SignedStatement.TryRead(token, out var signed) ? signed : throw new InvalidDataException("A stored statement cannot be read.");

    /// <inheritdoc cref="Read"/>
    public static T Read<T>(string token)
        where T : Statement => (T)Read(token).Statement;

    internal sealed class Table : IEntityTypeConfiguration<StoredStatement>
    {
        public void Configure(EntityTypeBuilder<StoredStatement> builder)
        {
            builder.ToTable("statements").HasKey(s => s.Id);
            builder.HasOne(s => s.Event).WithMany().HasForeignKey(s => s.EventId).OnDelete(DeleteBehavior.Restrict);
            builder.HasIndex(s => s.Referral);
        }
    }
}
