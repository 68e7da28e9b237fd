using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Identity;

/// <summary>
/// The operator lets an agency in no longer: here, at once, and audited. It decides nothing about referrals, since nobody
/// else could check it: for that the registrars suspend in the directory (docs/protocol.md §4.2).
/// </summary>
internal sealed class Suspension
{
    public required AgencyId Agency { get; init; }
    public required DateTimeOffset Since { get; init; }

    /// <summary>Suspends or resumes; false when it was so already.</summary>
    public static Task<bool> Set(HubDb db, Agencies agencies, AgencyId agency, bool suspend, CancellationToken ct) => db.Write(
        async write =>
        {
            var found = await db.Set<Suspension>().FindAsync([agency], write);
            if (found is not null == suspend) return false;
            var now = await db.EventTime(write);
            if (found is null) db.Add(new Suspension { Agency = agency, Since = now });
            else db.Remove(found);
            var code = suspend ? AuditEventCode.AgencySuspended : AuditEventCode.AgencyResumed;
            db.Record(new AuditEvent { Event = code, At = now, Directory = (await agencies.Now(db, write)).Head, Agency = agency });
            return true;
        },
        ct);

    internal sealed class Table : IEntityTypeConfiguration<Suspension>
    {
        public void Configure(EntityTypeBuilder<Suspension> builder) => builder.ToTable("suspensions").HasKey(s => s.Agency);
    }
}
