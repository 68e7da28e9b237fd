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

    public required Basis Basis { get; init; }

    /// <summary>The consent that it names.</summary>
    public Guid? Consent { get; init; }

    public required ReleaseRule Release { get; init; }

    public required DateTimeOffset Expires { get; init; }

    /// <summary>From when on its parts are erased; null only when nothing says so, and then the check refuses.</summary>
    public DateTimeOffset? EraseAt { get; init; }

    /// <summary>Whether the consent that it relies on was taken back.</summary>
    public bool Revoked { get; private set; }

    public bool SenderHolds { get; private set; }

    public bool RecipientHolds { get; private set; }

    /// <summary>Whether the recipient has erased what it received.</summary>
    public bool Erased { get; private set; }

    /// <summary>By when the recipient answers a revocation (<see cref="Protocol.Consents.ErasureDue"/>); null once it has, and while there is nothing to answer.</summary>
    public DateTimeOffset? ErasureDue { get; private set; }

    /// <summary>How soon a person must act, as the sender said last.</summary>
    public required Urgency Urgency { get; set; }

    public required HandoffState State { get; set; }

    /// <summary>Whether a withdrawal waits for the recipient's confirmation.</summary>
    public bool Withdrawing { get; set; }

    /// <summary>The statement that set the state: what the next one must come after. Of two that race, one finds it changed.</summary>
    public required Digest After { get; set; }

    /// <summary>When the hub ends it unless somebody decides before; null once that cannot happen.</summary>
    public DateTimeOffset? ExpiryDue { get; private set; }

    public HandoffPosition Position => new(State, Withdrawing);

    public Standing Standing => new(Position, After);

    public Custody Custody => new(Revoked, SenderHolds, RecipientHolds, Erased);

    public static ReferralRecord From(Referral referral, Digest id, DateTimeOffset? eraseAt)
    {
        var record = new ReferralRecord
        {
            Id = referral.ReferralId,
            Sender = referral.Issuer,
            Recipient = referral.To,
            Statement = id,
            Basis = referral.Basis,
            Consent = referral.Consent,
            Release = referral.Release,
            Expires = referral.Expires,
            EraseAt = eraseAt,
            Urgency = referral.Urgency,
            State = Handoff.Start.State,
            After = id,
        };
        record.Schedule();
        return record;
    }

    /// <summary>Does what a statement says that <see cref="SetState.Check"/> lets pass.</summary>
    public void Move(Digest statement, Party party, HandoffAct act, Urgency? urgency = null)
    {
        var next = Handoff.Next(Position, party, act) ?? throw new ArgumentException("Ask Check first.", nameof(act));
        (State, Withdrawing) = (next.State, next.Withdrawing);
        if (Handoff.SetsState(act)) After = statement;
        Urgency = urgency ?? Urgency;
        Schedule();
    }

    /// <summary>The consent that it relies on was taken back.</summary>
    /// <param name="at">The hub's time.</param>
    /// <param name="released">Whether the recipient has got anything: then it owes an answer.</param>
    public void Revoke(DateTimeOffset at, bool released)
    {
        Revoked = true;
        if (released && !Erased) ErasureDue = Protocol.Consents.ErasureDue.Of(Urgency, at);
    }

    /// <summary>Keeps what a hold or an erasure receipt changed.</summary>
    public void Keep(Custody next, bool answers)
    {
        (SenderHolds, RecipientHolds, Erased) = (next.SenderHolds, next.RecipientHolds, next.IsErased);
        if (answers) ErasureDue = null;
    }

    /// <summary>The referral if <paramref name="agency"/> is a party to it: one query, whether it is another's or nobody's.</summary>
    public static Task<ReferralRecord?> Find(HubDb db, Guid id, AgencyId agency, CancellationToken ct) =>
        db.Set<ReferralRecord>().SingleOrDefaultAsync(r => r.Id == id && (r.Sender == agency || r.Recipient == agency), ct);

    /// <summary>The role of an agency that is a party.</summary>
    public Party PartyOf(AgencyId agency) => agency == Sender ? Party.Sender : Party.Recipient;

    /// <summary>The agency on the other side.</summary>
    public AgencyId Facing(AgencyId agency) => agency == Sender ? Recipient : Sender;

    /// <summary>What it says.</summary>
    public async Task<Referral> Read(HubDb db, CancellationToken ct)
    {
        var token = await db.Set<StoredStatement>().Where(s => s.Id == Statement).Select(s => s.Token).SingleAsync(ct);
        return StoredStatement.Read<Referral>(token);
    }

    /// <summary>The consent check, decided anew.</summary>
    public async Task<ConsentDecision> CheckConsent<T>(HubDb db, Submitted<T> submitted, CancellationToken ct)
        where T : Statement => await ConsentLedger.Decide(db, await Read(db, ct), Statement, submitted.Directory, submitted.At, ct);

    /// <summary>Whether <paramref name="after"/> set this referral's state, now or before.</summary>
    public Task<bool> HasSeen(HubDb db, Digest after, CancellationToken ct) =>
        db.Set<StoredStatement>().AnyAsync(s => s.Id == after && s.Referral == Id && s.SetsState, ct);

    private void Schedule() => ExpiryDue =
        Urgency != Urgency.Emergency && Handoff.Next(Position, Party.Hub, HandoffAct.Expired) is not null ? Expires : null;

    internal sealed class Table : IEntityTypeConfiguration<ReferralRecord>
    {
        public void Configure(EntityTypeBuilder<ReferralRecord> builder)
        {
            builder.ToTable("referrals").HasKey(r => r.Id);
            builder.Property(r => r.After).IsConcurrencyToken();
            builder.HasIndex(r => r.Consent);
            builder.HasIndex(r => r.ErasureDue).HasFilter("erasure_due IS NOT NULL");
            builder.HasIndex(r => r.ExpiryDue).HasFilter("expiry_due IS NOT NULL");
        }
    }
}
