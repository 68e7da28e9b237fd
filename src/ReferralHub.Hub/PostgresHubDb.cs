using Microsoft.EntityFrameworkCore;

namespace ReferralHub.Hub;

/// <summary>
/// <see cref="HubDb"/> on PostgreSQL. EF Core finds migrations by the context's type, so that of the second database needs one of
/// its own; it has nothing else.
/// </summary>
internal sealed class PostgresHubDb(DbContextOptions<PostgresHubDb> options, IStore store, Writer writer, Wakes wakes, TimeProvider clock)
    : HubDb(options, store, writer, wakes, clock);
