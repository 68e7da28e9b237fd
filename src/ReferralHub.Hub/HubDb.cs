using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub;

/// <summary>
/// All that the hub keeps. Modules bring their own tables (<see cref="IEntityTypeConfiguration{TEntity}"/>) and reach
/// them by <see cref="DbContext.Set{TEntity}()"/>. Whatever changes something goes through <see cref="Write{T}"/>.
/// </summary>
internal class HubDb(DbContextOptions options, IStore store, Writer writer, Wakes wakes, TimeProvider clock) : DbContext(options)
{
    private readonly HashSet<Wake> _afterCommit = [];

    public IStore Store => store;

    public TimeProvider Clock => clock;

    public Wakes Wakes => wakes;

    /// <summary>
    /// One transaction: what <paramref name="work"/> reads is what it changes, and its state, audit event and outgoing
    /// messages stand or fall together in one save. Nothing slow belongs inside: signatures are checked before.
    /// <paramref name="work"/> runs a second time when another process won a race for a key or a row; it then reads what
    /// the winner wrote and answers as to a retry, so it must change nothing but this context. Whatever else goes wrong
    /// (a full disk, a broken file) would go wrong again, so it is not tried again.
    /// </summary>
    public async Task<T> Write<T>(Func<CancellationToken, Task<T>> work, CancellationToken ct)
    {
        using var turn = await writer.Turn(ct);
        try
        {
            return await WriteOnce(work, ct);
        }
        catch (DbUpdateException e) when (store.IsRace(e) && !ct.IsCancellationRequested)
        {
            return await WriteOnce(work, ct);
        }
    }

    /// <inheritdoc cref="Write{T}"/>
    public Task Write(Func<CancellationToken, Task> work, CancellationToken ct) =>
        Write(async token =>
        {
            await work(token);
            return true;
        }, ct);

    /// <summary>Wakes a waiting loop once this write is committed; never when it is not.</summary>
    public void WakeAfterCommit(Wake wake) => _afterCommit.Add(wake);

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.ApplyConfigurationsFromAssembly(typeof(HubDb).Assembly);
        foreach (var entity in model.Model.GetEntityTypes())
        {
            foreach (var property in entity.GetProperties())
                property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
        }
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        conventions.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();
        conventions.Properties<Digest>().HaveConversion<DigestBytes>();
        conventions.Properties<AgencyId>().HaveConversion<AgencyText>();
        conventions.Properties<Enum>().HaveConversion<string>();
    }

    private async Task<T> WriteOnce<T>(Func<CancellationToken, Task<T>> work, CancellationToken ct)
    {
        ChangeTracker.Clear();
        _afterCommit.Clear();
        Database.AutoSavepointsEnabled = false; // a save that fails is undone with all of its write: two round trips fewer
        await using var transaction = await store.Begin(this, ct);
        var result = await work(ct);
        await SaveChangesAsync(ct);
        await transaction.CommitAsync(CancellationToken.None); // all is saved: whoever has gone now would only have it undone
        foreach (var wake in _afterCommit) wake.Set();
        return result;
    }

    private sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
        time => time.ToUnixTimeMilliseconds(), value => DateTimeOffset.FromUnixTimeMilliseconds(value));

    private sealed class DigestBytes() : ValueConverter<Digest, byte[]>(digest => digest.ToArray(), value => Digest.From(value));

    private sealed class AgencyText() : ValueConverter<AgencyId, string>(agency => agency.ToString(), value => AgencyId.Parse(value));
}
