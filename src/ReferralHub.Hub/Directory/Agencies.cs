using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Hub.Log;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Directory;

/// <summary>An entry of the directory log (docs/protocol.md §4.2).</summary>
internal sealed class DirectoryEntry
{
    public required long Index { get; init; }
    public required byte[] Bytes { get; init; }

    internal sealed class Table : IEntityTypeConfiguration<DirectoryEntry>
    {
        public void Configure(EntityTypeBuilder<DirectoryEntry> builder)
        {
            builder.ToTable("directory_entries").HasKey(e => e.Index);
            builder.Property(e => e.Index).ValueGeneratedNever();
        }
    }
}

/// <summary>The directory as it was at one moment.</summary>
/// <param name="Entries">The replay: the only source of keys, policies and status.</param>
/// <param name="Head">The published state of the log; its size is that of the replay.</param>
internal sealed record DirectoryNow(AgencyDirectory Entries, TreeHead Head);

/// <summary>Who belongs. One for the process: keeps the replay and adds to it what was appended since.</summary>
internal sealed class Agencies
{
    private volatile DirectoryNow? _known;

    /// <summary>
    /// The directory as the database has it now. Asked inside a write, it is the one that the write's events name. Costs one
    /// small read when nothing was appended.
    /// </summary>
    /// <exception cref="AdmissionException">The hub has no genesis yet, or its own directory breaks the rules.</exception>
    public async Task<DirectoryNow> Now(HubDb db, CancellationToken ct)
    {
        var head = await db.Set<LogHead>().AsNoTracking().SingleOrDefaultAsync(h => h.Log == LogName.Directory, ct)
            ?? throw new AdmissionException("The hub has no genesis yet: let the registrars sign it, then run 'genesis complete'.");
        // Larger when another request has read a later one meanwhile; never inside a write, where nobody else commits.
        var known = _known;
        if (known is not null && known.Head.Size >= head.Size) return known;

        var directory = known?.Entries;
        var from = directory?.Size ?? 0;
        var entries = db.Set<DirectoryEntry>().AsNoTracking()
            .Where(e => e.Index >= from && e.Index < head.Size).OrderBy(e => e.Index).AsAsyncEnumerable();
        await foreach (var entry in entries.WithCancellation(ct))
        {
            var good = directory is null
                ? AgencyDirectory.TryBegin(entry.Bytes, null, out directory, out var fault)
                : directory.TryAppend(entry.Bytes, out directory, out fault);
            if (!good) throw new AdmissionException($"Entry {entry.Index} of the hub's own directory is broken ({fault}): restore the database from the backup.");
        }

        return _known = new(directory!, head.ToTreeHead());
    }
}
