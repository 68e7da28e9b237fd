using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Identity;

/// <summary>A client certificate that the hub gave to an agency.</summary>
internal sealed class ClientCertificate
{
    /// <summary>SHA-256 of the certificate (DER): what a presented one is looked up by.</summary>
    public required Digest Sha256 { get; init; }

    public required AgencyId Agency { get; init; }

    /// <summary>The one that it takes the place of once it is used; null before there was one, or once it was.</summary>
    public Digest? Supersedes { get; set; }

    internal sealed class Table : IEntityTypeConfiguration<ClientCertificate>
    {
        public void Configure(EntityTypeBuilder<ClientCertificate> builder)
        {
            builder.ToTable("client_certificates").HasKey(c => c.Sha256);
            builder.HasIndex(c => c.Agency);
        }
    }
}
