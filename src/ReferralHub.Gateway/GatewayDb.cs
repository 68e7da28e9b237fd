using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Alerts;
using ReferralHub.Gateway.Claims;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Duty;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Gateway.Screening;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway;

/// <summary>
/// All that the gateway keeps beside its key file and the sealed parts: routing metadata, signed statements, and what is
/// sealed to itself. Nothing here reads without the key file.
/// </summary>
internal sealed class GatewayDb(DbContextOptions<GatewayDb> options) : DbContext(options)
{
    // One process, one writer: a transaction reads what it changes, and SQLite never has to turn a writer away.
    private static readonly SemaphoreSlim Turn = new(1, 1);

    public DbSet<HubBinding> Bindings => Set<HubBinding>();

    public DbSet<DirectoryEntry> DirectoryEntries => Set<DirectoryEntry>();

    public DbSet<LogHead> LogHeads => Set<LogHead>();

    public DbSet<OwnEvent> OwnEvents => Set<OwnEvent>();

    public DbSet<Comparison> Comparisons => Set<Comparison>();

    public DbSet<Alarm> Alarms => Set<Alarm>();

    public DbSet<Person> People => Set<Person>();

    public DbSet<AgreementSide> Agreements => Set<AgreementSide>();

    public DbSet<KeptConsent> Consents => Set<KeptConsent>();

    public DbSet<CaseLink> Cases => Set<CaseLink>();

    public DbSet<KeptReferral> Referrals => Set<KeptReferral>();

    public DbSet<KeptStatement> Statements => Set<KeptStatement>();

    public DbSet<OutboxItem> Outbox => Set<OutboxItem>();

    public DbSet<KeptPart> Parts => Set<KeptPart>();

    public DbSet<KeptCopy> Copies => Set<KeptCopy>();

    public DbSet<Alert> Alerts => Set<Alert>();

    public DbSet<Claim> Claims => Set<Claim>();

    public DbSet<Notice> Notices => Set<Notice>();

    public DbSet<KeptProfile> Profiles => Set<KeptProfile>();

    public DbSet<DutyShift> Shifts => Set<DutyShift>();

    public DbSet<KeptDraft> Drafts => Set<KeptDraft>();

    public DbSet<ExcludedAgency> ExcludedAgencies => Set<ExcludedAgency>();

    public DbSet<KeptAnswers> Answers => Set<KeptAnswers>();

    public DbSet<KeptFileKey> FileKeys => Set<KeptFileKey>();

    public DbSet<RefusedLook> RefusedLooks => Set<RefusedLook>();

    /// <summary>Opens the database in a data folder, durable to the last commit; what is deleted is overwritten.</summary>
    public static DbContextOptions<GatewayDb> At(string file)
    {
        var options = new DbContextOptionsBuilder<GatewayDb>();
        Configure(options, file);
        return options.Options;
    }

    /// <inheritdoc cref="At"/>
    public static void Configure(DbContextOptionsBuilder options, string file) => options
        .UseSqlite(new SqliteConnectionStringBuilder { DataSource = file, ForeignKeys = true, DefaultTimeout = 30 }.ToString())
        .AddInterceptors(Pragmas.Interceptor);

    /// <summary>Brings the tables to this version's form.</summary>
    /// <exception cref="CommandException">A newer version has written here.</exception>
    public async Task UpgradeAsync(CancellationToken ct)
    {
        var applied = await Database.GetAppliedMigrationsAsync(ct);
        if (applied.Except(Database.GetMigrations()).Any())
            throw new CommandException("newer-data", $"{Database.GetDbConnection().DataSource}: a newer version has written here. Run that version, or put the backup back.");
        await Database.MigrateAsync(ct);
    }

    /// <summary>One transaction: what <paramref name="work"/> reads is what it changes, and all of it is kept or none.</summary>
    public async Task<T> Write<T>(Func<Task<T>> work, CancellationToken ct)
    {
        await Turn.WaitAsync(ct);
        try
        {
            ChangeTracker.Clear();
            await using var transaction = await Database.BeginTransactionAsync(ct);
            var result = await work();
            await SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            return result;
        }
        finally
        {
            Turn.Release();
        }
    }

    /// <inheritdoc cref="Write{T}"/>
    public Task Write(Func<Task> work, CancellationToken ct) => Write(
        async () =>
        {
            await work();
            return true;
        },
        ct);

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<DirectoryEntry>().Property(e => e.Index).ValueGeneratedNever();
        model.Entity<DirectoryEntry>().HasKey(e => e.Index);
        model.Entity<LogHead>().HasKey(h => h.Log);
        model.Entity<LogHead>().Property(h => h.Number).HasDefaultValue(1);
        model.Entity<Comparison>().HasKey(c => new { c.Agency, c.Fingerprint });
        model.Entity<OwnEvent>().HasKey(e => e.PayloadDigest);
        model.Entity<Person>().HasKey(p => p.Handle);
        model.Entity<CaseLink>().HasKey(c => c.Code);
        model.Entity<CaseLink>().HasIndex(c => c.To);
        model.Entity<AgreementSide>().HasKey(a => new { a.AgreementId, a.Issuer });
        model.Entity<KeptReferral>().HasIndex(r => new { r.Role, r.Kept });
        model.Entity<KeptReferral>().HasIndex(r => r.Consent);
        model.Entity<KeptReferral>().HasIndex(r => r.Replaces);
        model.Entity<KeptReferral>().Ignore(r => r.Custody);
        model.Entity<KeptStatement>().HasKey(s => s.Order);
        model.Entity<KeptStatement>().HasIndex(s => s.Id).IsUnique();
        model.Entity<KeptStatement>().HasIndex(s => new { s.Referral, s.Order });
        model.Entity<KeptStatement>().HasIndex(s => new { s.Fate, s.LogIndex });
        model.Entity<KeptStatement>().HasIndex(s => s.Approves);
        model.Entity<OutboxItem>().HasIndex(o => o.Statement).IsUnique();
        model.Entity<KeptPart>().HasKey(p => p.Sha256);
        model.Entity<KeptPart>().HasIndex(p => p.Referral);
        model.Entity<KeptCopy>().HasKey(c => c.Sha256);
        model.Entity<KeptFileKey>().HasKey(k => k.Sha256);
        model.Entity<Claim>().HasIndex(c => new { c.Referral, c.Id });
        model.Entity<Alert>().HasIndex(a => new { a.Cause, a.Audience }).IsUnique();
        model.Entity<Alert>().HasIndex(a => a.Id).HasFilter("told_at IS NULL AND is_settled = 0").HasDatabaseName("ix_alerts_waiting");
        model.Entity<Notice>().HasIndex(n => n.NextAt).HasFilter("next_at IS NOT NULL");
        model.Entity<KeptProfile>().HasKey(p => p.Agency);
        model.Entity<DutyShift>().HasIndex(s => s.Until);
        foreach (var entity in model.Model.GetEntityTypes())
        {
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
                // By name: a number would change its meaning with the order in the source.
                if ((Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType).IsEnum) property.SetProviderClrType(typeof(string));
            }
        }
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        conventions.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();
        conventions.Properties<Digest>().HaveConversion<DigestText>();
        conventions.Properties<Guid>().HaveConversion<IdText>();
        conventions.Properties<AgencyId>().HaveConversion<NameText<AgencyId>>();
        conventions.Properties<Handle>().HaveConversion<NameText<Handle>>();
        conventions.Properties<CaseCode>().HaveConversion<NameText<CaseCode>>();
    }

    private sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
        time => time.ToUnixTimeMilliseconds(), kept => DateTimeOffset.FromUnixTimeMilliseconds(kept));

    private sealed class DigestText() : ValueConverter<Digest, string>(digest => digest.ToString(), kept => Read(kept))
    {
        private static Digest Read(string kept) =>
            Digest.TryParse(kept, out var digest) ? digest : throw new FormatException("Not a digest.");
    }

    private sealed class IdText() : ValueConverter<Guid, string>(id => WireId.Text(id), kept => Guid.ParseExact(kept, "D"));

    private sealed class NameText<T>() : ValueConverter<T, string>(name => name.ToString(), kept => WireText<T>.Parse(kept))
        where T : WireText<T>, IWireText<T>;
}
