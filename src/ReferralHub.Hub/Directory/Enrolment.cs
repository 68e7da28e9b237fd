using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Directory;

/// <summary>An agency that has joined and that the registrars have not admitted yet.</summary>
internal sealed class Enrolment
{
    public required AgencyId Agency { get; init; }

    /// <summary>The agency event with its own two signatures: what registrars add theirs to.</summary>
    public required byte[] Entry { get; set; }

    public required Digest PayloadDigest { get; set; }
    public required DateTimeOffset Joined { get; set; }

    /// <summary>Keeps an enrolment, in the write that is under way; a later one of the same agency takes its place.</summary>
    public static async Task Keep(HubDb db, AgencyId agency, CoSigned signed, CancellationToken ct)
    {
        var (entry, digest, now) = (signed.ToArray(), signed.PayloadDigest, db.Clock.GetUtcNow());
        if (await db.Set<Enrolment>().FindAsync([agency], ct) is { } earlier)
            (earlier.Entry, earlier.PayloadDigest, earlier.Joined) = (entry, digest, now);
        else
            db.Add(new Enrolment { Agency = agency, Entry = entry, PayloadDigest = digest, Joined = now });
    }

    internal sealed class Table : IEntityTypeConfiguration<Enrolment>
    {
        public void Configure(EntityTypeBuilder<Enrolment> builder) => builder.ToTable("enrolments").HasKey(e => e.Agency);
    }
}
