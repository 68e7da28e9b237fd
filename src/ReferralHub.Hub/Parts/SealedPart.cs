using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Parts;

/// <summary>A sealed part, checked before its first row was written. Its bytes are in <see cref="PartRow"/>s.</summary>
internal sealed class SealedPart
{
    public long Id { get; private set; }

    /// <summary>Who uploaded it. Another agency neither sees nor claims it.</summary>
    public required AgencyId Owner { get; init; }

    public required Digest Sha256 { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>When its rows began to be written; later once they are written again.</summary>
    public required DateTimeOffset Created { get; set; }

    /// <summary>Whether all rows are there. Until then nobody sees it; of one that a statement has claimed they were erased.</summary>
    public bool Whole { get; set; }

    /// <summary>The referral it belongs to; null until a statement claims it.</summary>
    public Guid? Referral { get; set; }

    /// <summary>What it is there, as that statement says.</summary>
    public Part? Part { get; set; }

    /// <summary>From when on it is erased: as the consent behind the referral says, or sooner, once the referral is over, as the agreement does; null until it is claimed, and once it is erased.</summary>
    public DateTimeOffset? EraseAt { get; set; }

    /// <summary>Whether a party must keep what belongs to the referral: then it is not erased, whatever the time.</summary>
    public bool Held { get; set; }

    internal sealed class Table : IEntityTypeConfiguration<SealedPart>
    {
        public void Configure(EntityTypeBuilder<SealedPart> builder)
        {
            builder.ToTable("parts").HasKey(p => p.Id);
            builder.HasIndex(p => new { p.Owner, p.Sha256 }).IsUnique();
            builder.HasIndex(p => p.Referral);
            builder.HasIndex(p => p.EraseAt);
            builder.HasIndex(p => p.Owner).HasFilter("\"referral\" IS NULL").HasDatabaseName("ix_parts_unclaimed");
        }
    }
}

/// <summary>A piece of a part: <see cref="Limits.PartRowBytes"/>, the last one less.</summary>
internal sealed class PartRow
{
    public required long Part { get; init; }
    public required int Number { get; init; }
    public required byte[] Bytes { get; init; }

    internal sealed class Table : IEntityTypeConfiguration<PartRow>
    {
        public void Configure(EntityTypeBuilder<PartRow> builder) => builder.ToTable("part_rows").HasKey(r => new { r.Part, r.Number });
    }
}

/// <summary>What came of claiming a part.</summary>
internal enum PartClaim
{
    Claimed,

    /// <summary>The agency has uploaded no such part, or it was swept.</summary>
    Missing,

    /// <summary>The statement gives another size.</summary>
    SizeDiffers,

    /// <summary>It is a part already, of this referral or another.</summary>
    Taken,
}

/// <summary>The parts that the hub holds.</summary>
internal static class SealedParts
{
    /// <summary>Makes an upload a part of a referral, in the write that is under way. It then is no other part of any.</summary>
    /// <param name="db">The context of the write.</param>
    /// <param name="owner">Who uploaded it.</param>
    /// <param name="named">How the statement names it.</param>
    /// <param name="referral">The referral.</param>
    /// <param name="eraseAt">From when on the part is erased; null when there is no consent that could say so, and then the check refuses.</param>
    /// <param name="held">Whether a party must keep what belongs to the referral.</param>
    /// <param name="again">Whether it was one before the hub was restored: then the part may be gone, as one that was erased is.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<PartClaim> Claim(
        HubDb db, AgencyId owner, Protocol.Statements.SealedPart named, Guid referral, DateTimeOffset? eraseAt, bool held, bool again, CancellationToken ct)
    {
        if (await Find(db, referral, named.Sha256, ct) is not null) return PartClaim.Taken;
        var part = await db.Set<SealedPart>().SingleOrDefaultAsync(p => p.Owner == owner && p.Sha256 == named.Sha256 && p.Whole, ct);
        if (part is null && again)
            db.Add(part = new SealedPart { Owner = owner, Sha256 = named.Sha256, Size = named.Size, Created = db.Clock.GetUtcNow() });
        if (part is null) return PartClaim.Missing;
        if (part.Size != named.Size) return PartClaim.SizeDiffers;
        if (part.Referral is not null) return PartClaim.Taken;
        (part.Referral, part.Part, part.EraseAt, part.Held) = (referral, named.Part, part.Whole ? eraseAt : null, held);
        return PartClaim.Claimed;
    }

    /// <summary>Keeps all parts of a referral from being erased, or lets them, in the write that is under way.</summary>
    public static async Task Hold(HubDb db, Guid referral, bool held, CancellationToken ct)
    {
        foreach (var part in await db.Set<SealedPart>().Where(p => p.Referral == referral).ToListAsync(ct)) part.Held = held;
    }

    /// <summary>Lets what was sealed to a referral's recipient be erased from <paramref name="at"/> on, in the write that is under way.</summary>
    public static async Task EraseFrom(HubDb db, Guid referral, DateTimeOffset at, CancellationToken ct)
    {
        var parts = await db.Set<SealedPart>().Where(p => p.Referral == referral && p.EraseAt > at).ToListAsync(ct);
        foreach (var part in parts.Where(p => p.Part is Protocol.Wire.Part.Summary or Protocol.Wire.Part.Record or Protocol.Wire.Part.Answer)) part.EraseAt = at;
    }

    /// <summary>Has all parts of a referral erased by <paramref name="until"/> at the latest, in the write that is under way.</summary>
    public static async Task EraseBy(HubDb db, Guid referral, DateTimeOffset until, CancellationToken ct)
    {
        foreach (var part in await db.Set<SealedPart>().Where(p => p.Referral == referral && p.EraseAt > until).ToListAsync(ct)) part.EraseAt = until;
    }

    /// <summary>Whether the agency has uploaded all of the part.</summary>
    public static async Task<long?> SizeOf(HubDb db, AgencyId owner, Digest sha256, CancellationToken ct) =>
        await db.Set<SealedPart>().Where(p => p.Owner == owner && p.Sha256 == sha256 && p.Whole).Select(p => (long?)p.Size).SingleOrDefaultAsync(ct);

    /// <summary>Whether it was a part of a referral and is erased: it does not come back.</summary>
    public static Task<bool> IsErased(HubDb db, AgencyId owner, Digest sha256, CancellationToken ct) =>
        db.Set<SealedPart>().AnyAsync(p => p.Owner == owner && p.Sha256 == sha256 && p.Referral != null && !p.Whole, ct);

    /// <summary>Digest and size of what the hub keeps for an agency without a statement that claims it.</summary>
    public static Task<Dictionary<Digest, long>> Unclaimed(HubDb db, AgencyId owner, CancellationToken ct) =>
        db.Set<SealedPart>().Where(p => p.Owner == owner && p.Referral == null).ToDictionaryAsync(p => p.Sha256, p => p.Size, ct);

    /// <summary>
    /// Copies a checked upload into the database, 1 MiB a write, so that others write in between. Doing it again after a
    /// crash finishes what is there: rows are named by their place, and the digest says what they hold.
    /// </summary>
    public static async Task Store(HubDb db, AgencyId owner, Digest sha256, Spool upload, CancellationToken ct)
    {
        for (var first = 0; first < Rows(upload.Length); first += Limits.PartRowsPerWrite)
            await db.Write(write => StoreSome(db, owner, sha256, upload, first, write), ct);
    }

    /// <summary>
    /// Removes the rows of a part that is not <see cref="SealedPart.Whole"/> any more, 1 MiB a write; stops when it is whole
    /// again, since somebody has uploaded it anew.
    /// </summary>
    /// <param name="db">A context.</param>
    /// <param name="id">The part.</param>
    /// <param name="last">Done in a last write, once there are no rows.</param>
    /// <param name="ct">Gives up; what is left is removed the next time.</param>
    public static async Task RemoveRows(HubDb db, long id, Func<CancellationToken, Task> last, CancellationToken ct)
    {
        var dead = db.Set<SealedPart>().Where(p => p.Id == id && !p.Whole);
        var rows = db.Set<PartRow>().Where(r => r.Part == id);
        while (await db.Write(RemoveSome, ct))
        {
        }

        async Task<bool> RemoveSome(CancellationToken write)
        {
            if (!await dead.AnyAsync(write)) return false;
            if (await rows.MinAsync(r => (int?)r.Number, write) is { } first)
            {
                await rows.Where(r => r.Number < first + Limits.PartRowsPerWrite).ExecuteDeleteAsync(write);
                return true;
            }

            await last(write);
            return false;
        }
    }

    /// <summary>The part of a referral with this digest, or null.</summary>
    public static Task<SealedPart?> Find(HubDb db, Guid referral, Digest sha256, CancellationToken ct) =>
        db.Set<SealedPart>().AsNoTracking().SingleOrDefaultAsync(p => p.Referral == referral && p.Sha256 == sha256, ct);

    /// <summary>The part's bytes in order. Holds no transaction between two pieces, however slowly they are taken.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Read(
        HubDb db, SealedPart part, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var number = 0; number < Rows(part.Size); number++)
        {
            yield return await db.Set<PartRow>()
                .Where(r => r.Part == part.Id && r.Number == number)
                .Select(r => r.Bytes)
                .SingleAsync(ct);
        }
    }

    private static int Rows(long size) => (int)((size + Limits.PartRowBytes - 1) / Limits.PartRowBytes);

    private static async Task StoreSome(HubDb db, AgencyId owner, Digest sha256, Spool upload, int first, CancellationToken ct)
    {
        var now = db.Clock.GetUtcNow();
        var part = await db.Set<SealedPart>().SingleOrDefaultAsync(p => p.Owner == owner && p.Sha256 == sha256, ct);
        if (part is null)
        {
            db.Add(part = new SealedPart { Owner = owner, Sha256 = sha256, Size = upload.Length, Created = now });
            await db.SaveChangesAsync(ct);
        }

        part.Created = now; // begun long ago perhaps: it is not to be swept meanwhile
        var (number, last) = (first, Math.Min(first + Limits.PartRowsPerWrite, Rows(upload.Length)));
        await foreach (var piece in upload.Read((long)first * Limits.PartRowBytes, ct))
        {
            // A plain command: the row goes by without ever becoming a tracked entity.
            var bytes = piece.ToArray();
            await db.Database.ExecuteSqlAsync($"INSERT INTO part_rows (part, number, bytes) VALUES ({part.Id}, {number}, {bytes}) ON CONFLICT DO NOTHING", ct);
            if (++number == last) break;
        }

        if (last < Rows(upload.Length)) return;
        if (await db.Set<PartRow>().CountAsync(r => r.Part == part.Id, ct) < last)
            throw new InvalidOperationException("The part was removed while it was stored: it has to be sent again.");
        part.Whole = true;
    }
}
