using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Referrals;

/// <summary>A referral as the hub moves it. What it says is in its statement.</summary>
internal sealed class ReferralRecord
{
    public required Guid Id { get; init; }

    public required AgencyId Sender { get; init; }

    public required AgencyId Recipient { get; init; }

    /// <summary>Id of the referral statement.</summary>
    public required Digest Statement { get; init; }

    public required DateTimeOffset Expires { get; init; }

    public required HandoffState State { get; set; }

    /// <summary>The statement that set the state: what the next one must come after. Of two that race, one finds it changed.</summary>
    public required Digest After { get; set; }

    public required Digest Summary { get; init; }

    public required Digest Record { get; init; }

    /// <summary>The recipient's note to the sender; null until Completed.</summary>
    public Digest? Note { get; set; }

    public Standing Standing => new(State, After);

    public bool Ended => State is HandoffState.Declined or HandoffState.LoopClosed;

    public static ReferralRecord From(Referral referral, Digest id) => new()
    {
        Id = referral.ReferralId,
        Sender = referral.Issuer,
        Recipient = referral.To,
        Statement = id,
        Expires = referral.Expires,
        State = HandoffState.Sent,
        After = id,
        Summary = referral.Parts[0].Sha256,
        Record = referral.Parts[1].Sha256,
    };

    /// <summary>The referral if <paramref name="agency"/> is a party to it: one query, whether it is another's or nobody's.</summary>
    public static Task<ReferralRecord?> Find(HubDb db, Guid id, AgencyId agency, CancellationToken ct) =>
        db.Set<ReferralRecord>().SingleOrDefaultAsync(r => r.Id == id && (r.Sender == agency || r.Recipient == agency), ct);

    /// <summary>The role of an agency that is a party.</summary>
    public Party PartyOf(AgencyId agency) => agency == Sender ? Party.Sender : Party.Recipient;

    /// <summary>The agency on the other side.</summary>
    public AgencyId Facing(AgencyId agency) => agency == Sender ? Recipient : Sender;

    /// <summary>Digest of a part, or null if there is none (yet).</summary>
    public Digest? Find(Part part) => part switch
    {
        Part.Summary => Summary,
        Part.Record => Record,
        Part.Note => Note,
    };

    /// <summary>What it says.</summary>
    public async Task<Referral> Read(HubDb db, CancellationToken ct)
    {
        var token = await db.Set<StoredStatement>().Where(s => s.Id == Statement).Select(s => s.Token).SingleAsync(ct);
        return StoredStatement.Read<Referral>(token);
    }

    /// <summary>The consent check, decided anew.</summary>
    public async Task<ConsentDecision> CheckConsent<T>(HubDb db, Submitted<T> submitted, CancellationToken ct)
        where T : Statement => await ConsentLedger.Decide(db, await Read(db, ct), submitted.Directory, submitted.At, ct);

    /// <summary>Whether <paramref name="after"/> set this referral's state, now or before.</summary>
    public Task<bool> HasSeen(HubDb db, Digest after, CancellationToken ct) =>
        db.Set<StoredStatement>().AnyAsync(s => s.Id == after && s.Referral == Id && s.SetsState, ct);

    internal sealed class Table : IEntityTypeConfiguration<ReferralRecord>
    {
        public void Configure(EntityTypeBuilder<ReferralRecord> builder)
        {
            builder.ToTable("referrals").HasKey(r => r.Id);
            builder.Property(r => r.After).IsConcurrencyToken();
        }
    }
}
