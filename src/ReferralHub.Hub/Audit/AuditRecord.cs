using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Hub.Log;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Audit;

/// <summary>What has, or waits for, a place in the log: an event, or what is left of one that was erased.</summary>
internal interface ILogged
{
    /// <summary>The order of writing.</summary>
    long Id { get; }

    /// <summary>The leaf's index; null until the sequencer has published it.</summary>
    long? Index { get; set; }

    Digest LeafHash { get; }
}

/// <summary>An event with its opening, and its place in the log once it has one (docs/protocol.md §4.4).</summary>
internal sealed class AuditRecord : ILogged
{
    /// <summary>The first of all ids but those of the events that opened a log, which are below it.</summary>
    public const long FirstId = 0;

    /// <summary>
    /// The order of writing. With several writers a lower one may be committed later, so it is never paged by: what has no
    /// <see cref="Index"/> yet is the queue.
    /// </summary>
    public long Id { get; init; }

    /// <summary>The leaf's index; null until the sequencer has published it.</summary>
    public long? Index { get; set; }

    public required byte CoarseType { get; init; }
    public required byte[] Event { get; init; }
    public required byte[] Opening { get; init; }

    public AuditEventCode Code { get; init; }

    /// <summary>Who acted; of what the hub did to a referral, its sender.</summary>
    public AgencyId? Agency { get; init; }

    /// <summary>The other side, who may prove the event as well.</summary>
    public AgencyId? Counterpart { get; init; }

    public Guid? Referral { get; init; }
    public Digest? Statement { get; init; }

    /// <summary>What it says.</summary>
    /// <exception cref="InvalidDataException">Somebody else wrote to the database.</exception>
    public AuditEvent Read() => Read(Event);

    /// <inheritdoc cref="Read()"/>
    public static AuditEvent Read(byte[] written) =>
        AuditEvent.TryRead(written, out var read) ? read : throw new InvalidDataException("A stored event cannot be read.");

    /// <summary>What the log commits to: 34 bytes.</summary>
    public byte[] Leaf() => Commitment.Leaf(CoarseType, Opening, Event);

    public Digest LeafHash => MerkleTree.LeafHash(Leaf());

    internal sealed class Table : IEntityTypeConfiguration<AuditRecord>
    {
        public void Configure(EntityTypeBuilder<AuditRecord> builder)
        {
            builder.ToTable("audit_events").HasKey(r => r.Id);
            builder.Ignore(r => r.LeafHash);
            builder.HasIndex(r => r.Index).IsUnique();
            builder.HasIndex(r => r.Id).HasFilter("\"index\" IS NULL").HasDatabaseName("ix_audit_events_queue");
            builder.HasIndex(r => r.Statement);
            builder.HasIndex(r => r.Referral);
        }
    }
}

internal static class Recording
{
    /// <summary>
    /// The time of what happens in the write that is under way, for its events and all it decides: the clock's, but never
    /// earlier than the last event's. A clock that was set back stands still until it has caught up (docs/protocol.md §4.4).
    /// </summary>
    public static async Task<DateTimeOffset> EventTime(this HubDb db, CancellationToken ct) =>
        db.EventTimeAfter(await db.Set<AuditRecord>().OrderByDescending(r => r.Id).Select(r => r.Event).FirstOrDefaultAsync(ct));

    /// <summary>The same, when the last event has been read: <see cref="AuditRecord.Event"/>, or null when there is none.</summary>
    public static DateTimeOffset EventTimeAfter(this HubDb db, byte[]? last)
    {
        var now = WireTime.Whole(db.Clock.GetUtcNow());
        if (last is null) return now;
        var at = AuditRecord.Read(last).At;
        return at > now ? at : now;
    }

    /// <summary>
    /// The <see cref="AuditRecord.Id"/> up to which all happened by <paramref name="at"/>. Times never go back in this order, so
    /// it is found by halving.
    /// </summary>
    public static async Task<long> LastBy(this HubDb db, DateTimeOffset at, CancellationToken ct)
    {
        var events = db.Set<AuditRecord>().AsNoTracking().Where(r => r.Id >= AuditRecord.FirstId);
        var (by, after) = (AuditRecord.FirstId - 1, await events.MaxAsync(r => (long?)r.Id, ct) + 1 ?? AuditRecord.FirstId);
        while (after - by > 1)
        {
            var middle = by + ((after - by) / 2);
            var last = await events.Where(r => r.Id <= middle).OrderByDescending(r => r.Id).Select(r => new { r.Id, r.Event }).FirstOrDefaultAsync(ct);
            if (last is null || AuditRecord.Read(last.Event).At <= at) by = middle;
            else after = last.Id;
        }

        return by;
    }

    /// <summary>How many events about a referral an agency has caused: bounded, as its evidence is (docs/protocol.md §4.4).</summary>
    public static Task<int> CountEvents(this HubDb db, Guid referral, AgencyId agency, CancellationToken ct) =>
        db.Set<AuditRecord>().CountAsync(r => r.Referral == referral && r.Agency == agency, ct);

    /// <summary>
    /// Adds an event to the write that is under way: no act without its event, no event without its act. The sequencer gives
    /// it its place in the log after the commit.
    /// </summary>
    /// <param name="db">The context of the write.</param>
    /// <param name="happened">The event; its directory and its time are those read inside this write.</param>
    /// <param name="counterpart">Who, beside <see cref="AuditEvent.Agency"/>, may ask for a receipt.</param>
    /// <param name="instead">Who else, when the hub itself acted.</param>
    /// <param name="opening">That of an event that had one before the hub was restored; null draws a new one.</param>
    /// <returns>The record: its <see cref="AuditRecord.Leaf"/> is what a hub receipt promises.</returns>
    public static AuditRecord Record(this HubDb db, AuditEvent happened, AgencyId? counterpart = null, AgencyId? instead = null, byte[]? opening = null)
    {
        var record = new AuditRecord
        {
            CoarseType = happened.CoarseType,
            Event = happened.ToBytes(),
            Opening = opening ?? RandomNumberGenerator.GetBytes(Commitment.OpeningSize),
            Code = happened.Event,
            Agency = happened.Agency ?? instead,
            Counterpart = counterpart,
            Referral = happened.Referral,
            Statement = happened.Statement,
        };
        db.Add(record);
        db.WakeAfterCommit(db.Wakes.Sequencer);
        return record;
    }

    /// <summary>Adds the event that a log begins with, before all that are there (docs/protocol.md §4.7).</summary>
    public static void RecordFirst(this HubDb db, AuditEvent happened, long id)
    {
        db.Add(new AuditRecord { Id = id, CoarseType = happened.CoarseType, Event = happened.ToBytes(), Opening = RandomNumberGenerator.GetBytes(Commitment.OpeningSize), Code = happened.Event });
        db.WakeAfterCommit(db.Wakes.Sequencer);
    }

    /// <summary>Refuses a request that is no statement, and leaves the event of it, in a write of its own.</summary>
    /// <param name="db">A context.</param>
    /// <param name="agency">Who asked.</param>
    /// <param name="why">Why it gets nothing.</param>
    /// <param name="referral">The one it asked about, whether or not there is such a one.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<ProblemHttpResult> Refuse(this HubDb db, AgencyId agency, Refusal why, Guid? referral, CancellationToken ct)
    {
        await db.Write(async write =>
        {
            var directory = await db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == LogName.Directory, write);
            db.Record(new AuditEvent
            {
                Event = AuditEventCode.Refused,
                At = await db.EventTime(write),
                Directory = directory.ToTreeHead(),
                Agency = agency,
                Referral = referral,
                Refusal = why.Urned(),
            });
        }, ct);
        return why.ToProblem();
    }
}
