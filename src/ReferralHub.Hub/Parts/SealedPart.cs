using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Parts;

/// <summary>A sealed part that is whole and checked. Its bytes are in <see cref="PartRow"/>s.</summary>
internal sealed class SealedPart
{
    public long Id { get; private set; }

    /// <summary>Who uploaded it. Another agency neither sees nor claims it.</summary>
    public required AgencyId Owner { get; init; }

    public required Digest Sha256 { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    public required DateTimeOffset Stored { get; init; }

    /// <summary>The referral it belongs to; null until a statement claims it.</summary>
    public Guid? Referral { get; set; }

    internal sealed class Table : IEntityTypeConfiguration<SealedPart>
    {
        public void Configure(EntityTypeBuilder<SealedPart> builder)
        {
            builder.ToTable("parts").HasKey(p => p.Id);
            builder.HasIndex(p => new { p.Owner, p.Sha256 }).IsUnique();
            builder.HasIndex(p => p.Referral);
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

    /// <summary>Another referral has it.</summary>
    Taken,
}

/// <summary>The parts that the hub holds.</summary>
internal static class SealedParts
{
    /// <summary>Makes a part belong to a referral, in the write that is under way. Claiming it again for the same is fine.</summary>
    public static async Task<PartClaim> Claim(
        HubDb db, AgencyId owner, Digest sha256, long size, Guid referral, CancellationToken ct)
    {
        var part = await db.Set<SealedPart>().SingleOrDefaultAsync(p => p.Owner == owner && p.Sha256 == sha256, ct);
        if (part is null) return PartClaim.Missing;
        if (part.Size != size) return PartClaim.SizeDiffers;
        if (part.Referral is { } other && other != referral) return PartClaim.Taken;
        part.Referral = referral;
        return PartClaim.Claimed;
    }

    /// <summary>The part of a referral with this digest, or null.</summary>
    public static Task<SealedPart?> Find(HubDb db, Guid referral, Digest sha256, CancellationToken ct) =>
        db.Set<SealedPart>().AsNoTracking().SingleOrDefaultAsync(p => p.Referral == referral && p.Sha256 == sha256, ct);

    /// <summary>The part's bytes in order. Holds no transaction between two pieces, however slowly they are taken.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Read(
        HubDb db, SealedPart part, [EnumeratorCancellation] CancellationToken ct)
    {
        var rows = (part.Size + Limits.PartRowBytes - 1) / Limits.PartRowBytes;
        for (var number = 0; number < rows; number++)
        {
            yield return await db.Set<PartRow>()
                .Where(r => r.Part == part.Id && r.Number == number)
                .Select(r => r.Bytes)
                .SingleAsync(ct);
        }
    }
}
