using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ReferralHub.Hub;

/// <summary>Another process does what this one held the lease for. To go on could do it twice, so the process ends.</summary>
internal sealed class LeaseLostException(string name) : Exception(
    $"Another process took over the {name}. This one changes nothing more. Make sure that one hub uses this data folder, then start again.");

/// <summary>
/// Who may do what only one may do. Taking it raises the epoch; whatever the holder writes is guarded by the epoch it
/// took, so one that was stopped and woke up later changes nothing. In the embedded engine the lock on the data folder
/// says that there is no other process, so it is taken without waiting.
/// </summary>
internal sealed class Lease
{
    public const string Relay = "relay";
    public const string Sequencer = "sequencer";

    /// <summary>Nobody's: taken to see whether anything can be written at all.</summary>
    public const string Trial = "trial";

    public required string Name { get; init; }
    public long Epoch { get; set; }

    /// <summary>Becomes the holder; everybody before is fenced off.</summary>
    /// <returns>The epoch to guard every write with.</returns>
    public static Task<long> Take(HubDb db, string name, CancellationToken ct) =>
        db.Write(async token =>
        {
            var lease = await db.Set<Lease>().FindAsync([name], token);
            if (lease is null) db.Add(lease = new Lease { Name = name });
            lease.Epoch++;
            return lease.Epoch;
        }, ct);

    /// <summary>
    /// Makes sure that <paramref name="epoch"/> still holds. Called inside the transaction that it guards: an update that
    /// changes nothing, because it keeps the row locked until the commit, where a read would not.
    /// </summary>
    /// <exception cref="LeaseLostException">It does not.</exception>
    public static async Task Require(HubDb db, string name, long epoch, CancellationToken ct)
    {
        var held = await db.Set<Lease>()
            .Where(lease => lease.Name == name && lease.Epoch == epoch)
            .ExecuteUpdateAsync(set => set.SetProperty(lease => lease.Epoch, epoch), ct);
        if (held != 1) throw new LeaseLostException(name);
    }

    /// <summary>Looks whether <paramref name="epoch"/> still holds: one read, for whoever has nothing to write just now.</summary>
    /// <exception cref="LeaseLostException">It does not.</exception>
    public static async Task Look(HubDb db, string name, long epoch, CancellationToken ct)
    {
        if (!await db.Set<Lease>().AnyAsync(lease => lease.Name == name && lease.Epoch == epoch, ct)) throw new LeaseLostException(name);
    }

    internal sealed class Table : IEntityTypeConfiguration<Lease>
    {
        public void Configure(EntityTypeBuilder<Lease> builder)
        {
            builder.ToTable("leases").HasKey(l => l.Name);
            builder.Property(l => l.Epoch).IsConcurrencyToken();
        }
    }
}
