using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Identity;

/// <summary>The operator's leave for one agency to join, once. The token itself is only ever printed.</summary>
internal sealed class Invitation
{
    /// <summary>SHA-256 of the token.</summary>
    public required Digest Token { get; init; }

    public required AgencyId Agency { get; init; }
    public required AgencyKind Kind { get; init; }
    public required DateTimeOffset Expires { get; init; }

    /// <summary>SHA-256 of the request that used it; the same one again gets the same answer.</summary>
    public Digest? UsedBy { get; set; }

    /// <summary>That answer: the certificate chain in PEM.</summary>
    public string? Certificate { get; set; }

    public static Digest DigestOf(string token) => Digest.Of(Encoding.ASCII.GetBytes(token));

    /// <summary>Makes an invitation.</summary>
    /// <returns>The token, 256 random bits; or null when the directory already has the agency.</returns>
    public static async Task<string?> Create(
        HubDb db, Agencies agencies, AgencyId agency, AgencyKind kind, CancellationToken ct)
    {
        var token = CanonicalBase64.Url.Encode(RandomNumberGenerator.GetBytes(32));
        return await db.Write(async write =>
        {
            var directory = await agencies.Now(db, write);
            if (directory.Entries.Find(agency) is not null) return null;

            var now = await db.EventTime(write);
            db.Add(new Invitation
            {
                Token = DigestOf(token),
                Agency = agency,
                Kind = kind,
                Expires = now.AddHours(Limits.InvitationHours),
            });
            db.Record(new AuditEvent { Event = AuditEventCode.AgencyInvited, At = now, Directory = directory.Head, Agency = agency });
            return token;
        }, ct);
    }

    internal sealed class Table : IEntityTypeConfiguration<Invitation>
    {
        public void Configure(EntityTypeBuilder<Invitation> builder) => builder.ToTable("invitations").HasKey(i => i.Token);
    }
}
