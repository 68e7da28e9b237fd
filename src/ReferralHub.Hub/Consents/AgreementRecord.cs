using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Consents;

/// <summary>An information-sharing agreement: proposed by one side, in force once the other has accepted.</summary>
internal sealed class AgreementRecord
{
    public required Guid Id { get; init; }

    public required AgencyId Proposer { get; init; }

    public required AgencyId Other { get; init; }

    /// <summary>Statement id of the proposal.</summary>
    public required Digest Proposal { get; init; }

    /// <summary>Statement id of the acceptance; null until then.</summary>
    public Digest? Acceptance { get; set; }

    /// <summary>Which acceptance came later: 1 for the first at this hub, then one more each; null until accepted.</summary>
    public long? Rank { get; set; }

    public required bool ProposerSends { get; init; }

    public required bool OtherSends { get; init; }

    public static AgreementRecord From(Agreement proposal, Digest id) => new()
    {
        Id = proposal.AgreementId,
        Proposer = proposal.Issuer,
        Other = proposal.To,
        Proposal = id,
        ProposerSends = proposal.Routes.Contains(new Protocol.Statements.Route(proposal.Issuer, proposal.To)),
        OtherSends = proposal.Routes.Contains(new Protocol.Statements.Route(proposal.To, proposal.Issuer)),
    };

    internal sealed class Table : IEntityTypeConfiguration<AgreementRecord>
    {
        public void Configure(EntityTypeBuilder<AgreementRecord> builder)
        {
            builder.ToTable("agreements").HasKey(a => a.Id);
            builder.Property(a => a.Acceptance).IsConcurrencyToken();
            builder.HasIndex(a => a.Rank).IsUnique();
            builder.HasIndex(a => new { a.Proposer, a.Other });
        }
    }
}
