using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary>What an agency offers, with its word on capacity if it has given one.</summary>
internal sealed record Offering(AgencyId Agency, Profile Profile, Capacity? Capacity);

/// <summary>
/// What agencies say of themselves: read from the hub, believed only when signed by the agency, and kept, so that a duty desk
/// can be called while the hub is down. Spec: docs/protocol.md §3.9.
/// </summary>
internal sealed class Profiles(HubClient hub, FollowDirectory directory, Outbox outbox, TimeProvider clock, ILogger<Profiles> log) : IDisposable
{
    // One stream: what is said later arrives later.
    private static readonly Guid Stream = Guid.Parse("70726f66-696c-4573-8000-000000000000");
    private static readonly TimeSpan Often = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private DateTimeOffset _read;

    /// <summary>Reads what is new, unless that was done within ten minutes.</summary>
    public Task RunNowAndThenAsync(GatewayDb db, CancellationToken ct) =>
        clock.GetUtcNow() - _read < Often ? Task.CompletedTask : RunAsync(db, ct);

    /// <summary>Reads what is new; false when the hub cannot be reached and what we have may be old.</summary>
    public async Task<bool> TryRunAsync(GatewayDb db, CancellationToken ct)
    {
        try
        {
            await RunAsync(db, ct);
            return true;
        }
        catch (Exception e) when (e is HubUnreachableException or HubAnswerException or HubRefusedException)
        {
            return false;
        }
    }

    /// <summary>Signs a word about ourselves, keeps it, and queues it for the hub.</summary>
    /// <param name="db">A context.</param>
    /// <param name="say">The statement, given the common members; runs inside the transaction.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<SignedStatement> PublishAsync(GatewayDb db, Func<Preamble, Statement> say, CancellationToken ct)
    {
        while (true)
        {
            var published = await db.Write(
                async () =>
                {
                    var statement = say(await outbox.PreambleAsync(db, ct));
                    var kept = await FindOrAddAsync(db, statement.Issuer, ct);
                    // Times have whole seconds, and only what is newer counts.
                    if (Read(TokenOf(kept, statement.Kind)) is { } before && before.Statement.IssuedAt >= statement.IssuedAt) return null;
                    var signed = outbox.Add(db, statement, Stream);
                    if (signed.Jws.Token.Length > SignedStatement.MaxSize)
                        throw new RefusedException(Refusal.TooLarge, $"It comes to {signed.Jws.Token.Length} of at most {SignedStatement.MaxSize} bytes: name fewer services, areas or holidays.");
                    Keep(kept, signed);
                    return signed;
                },
                ct);
            if (published is not null) return published;
            await Task.Delay(TimeSpan.FromSeconds(1), clock, ct);
        }
    }

    /// <summary>Hands in what was published last, as far as the hub can be reached.</summary>
    public static Task<Fate> SettleAsync(GatewayDb db, Dispatch dispatch, SignedStatement signed, CancellationToken ct) =>
        Fates.SettleAsync(db, dispatch, signed.Id, Stream, ct);

    /// <summary>What all active agencies offer, as far as they have said so.</summary>
    public async Task<IReadOnlyList<Offering>> AllAsync(GatewayDb db, CancellationToken ct)
    {
        var kept = await db.Profiles.AsNoTracking().Where(p => p.Profile != null).ToListAsync(ct);
        return [.. kept.Where(p => directory.Current.IsActive(p.Agency, directory.Current.Size)).Select(Offering)];
    }

    /// <summary>What one agency offers, or null.</summary>
    public static async Task<Offering?> FindAsync(GatewayDb db, AgencyId agency, CancellationToken ct) =>
        await db.Profiles.AsNoTracking().SingleOrDefaultAsync(p => p.Agency == agency && p.Profile != null, ct) is { } kept ? Offering(kept) : null;

    public void Dispose() => _turn.Dispose();

    /// <summary>Why a token is not this agency's word on itself, as a code; null when it is. Pure but for the directory.</summary>
    internal string? Check(AgencyId agency, SignedStatement signed)
    {
        if (signed.Statement is not (Profile or Capacity)) return "not-a-profile";
        if (signed.Statement.Issuer != agency) return "not-its-own";
        // At the directory that its signer had seen: a key that was rotated since has signed nothing wrong.
        var size = Math.Min(signed.Statement.Directory.Size, directory.Current.Size);
        return directory.Current.FindKey(agency, signed.Jws.Kid, size) is { } key && signed.Jws.IsSignedBy(key) ? null : "signature-invalid";
    }

    private async Task RunAsync(GatewayDb db, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            var published = await hub.GetProfilesAsync(ct);
            await db.Write(
                async () =>
                {
                    foreach (var signed in published) await TakeAsync(db, signed.Agency, signed.Statement, ct);
                },
                ct);
            _read = clock.GetUtcNow();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task TakeAsync(GatewayDb db, AgencyId agency, SignedStatement signed, CancellationToken ct)
    {
        if (Check(agency, signed) is { } fault)
        {
            var alarm = new Alarm { At = clock.GetUtcNow(), Code = AlarmCode.ProfileRefused, Detail = $"{agency}: {fault}" };
            await Alarms.RaiseAsync(db, alarm, log, ct);
            return;
        }

        var kept = await FindOrAddAsync(db, agency, ct);
        if (Read(TokenOf(kept, signed.Statement.Kind)) is not { } before || before.Statement.IssuedAt < signed.Statement.IssuedAt) Keep(kept, signed);
    }

    private static async Task<KeptProfile> FindOrAddAsync(GatewayDb db, AgencyId agency, CancellationToken ct) =>
        await db.Profiles.FindAsync([agency], ct) ?? db.Profiles.Add(new KeptProfile { Agency = agency }).Entity;

    private static string? TokenOf(KeptProfile kept, StatementKind kind) => kind == StatementKind.Profile ? kept.Profile : kept.Capacity;

    private static void Keep(KeptProfile kept, SignedStatement signed)
    {
        if (signed.Statement is Profile) kept.Profile = signed.Jws.Token;
        else kept.Capacity = signed.Jws.Token;
    }

    private static Offering Offering(KeptProfile kept) =>
        new(kept.Agency, (Profile)Read(kept.Profile)!.Statement, (Capacity?)Read(kept.Capacity)?.Statement);

    private static SignedStatement? Read(string? token) =>
        token is null ? null : SignedStatement.TryRead(token, out var signed) ? signed : throw new InvalidDataException("The database holds a broken profile.");
}
