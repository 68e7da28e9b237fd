using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ReferralHub.Hub;

/// <summary>
/// Who may do what only one may do. Taking it raises the epoch; whatever the holder writes is guarded by the epoch it
/// took, so one that was stopped and woke up later changes nothing. In the embedded engine the lock on the data folder
/// says that there is no other process, so it is taken without waiting.
/// </summary>
internal sealed class Lease
{
    public const string Relay = "relay";
    public const string Sequencer = "sequencer";

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
    /// Whether <paramref name="epoch"/> still holds. Ask inside the transaction that it guards: an update that changes
    /// nothing, because it keeps the row locked until the commit, where a read would not.
    /// </summary>
    public static async Task<bool> Holds(HubDb db, string name, long epoch, CancellationToken ct) =>
        await db.Set<Lease>()
            .Where(lease => lease.Name == name && lease.Epoch == epoch)
            .ExecuteUpdateAsync(set => set.SetProperty(lease => lease.Epoch, epoch), ct) == 1;

    internal sealed class Table : IEntityTypeConfiguration<Lease>
    {
        public void Configure(EntityTypeBuilder<Lease> builder)
        {
            builder.ToTable("leases").HasKey(l => l.Name);
            builder.Property(l => l.Epoch).IsConcurrencyToken();
        }
    }
}
