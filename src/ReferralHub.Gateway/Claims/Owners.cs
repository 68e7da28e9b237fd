using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Duty;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Claims;

/// <summary>Who owns which referral now.</summary>
internal static class Owners
{
    /// <summary>The owners of these referrals, those without one left out: none that we are responsible for is.</summary>
    public static async Task<IReadOnlyDictionary<Guid, Owner>> OfAsync(
        GatewayDb db, Exclusions exclusions, IReadOnlyCollection<Guid> referrals, DateTimeOffset now, CancellationToken ct)
    {
        var claims = await db.Claims.AsNoTracking().Where(c => referrals.Contains(c.Referral)).OrderBy(c => c.Id).ToListAsync(ct);
        var claimed = claims.GroupBy(c => c.Referral).ToDictionary(g => g.Key, g => g.Last().Owner);
        var onDuty = await Rota.OnDutyAsync(db, now, ct);
        var keepings = await exclusions.KeepingsAsync(db, db.Referrals.Where(r => referrals.Contains(r.Id)), ct);
        var owners = new Dictionary<Guid, Owner>();
        foreach (var referral in referrals)
        {
            // Nobody owns by being on duty what they must not know of.
            var keeping = keepings.GetValueOrDefault(referral, Keeping.None);
            if (Ownership.Of(claimed.GetValueOrDefault(referral), onDuty.FirstOrDefault(d => !keeping.IsFrom(d.Person))?.Person, await LastActorAsync(db, referral, ct)) is { } owner)
                owners.Add(referral, owner);
        }

        return owners;
    }

    /// <inheritdoc cref="OfAsync(GatewayDb, Exclusions, IReadOnlyCollection{Guid}, DateTimeOffset, CancellationToken)"/>
    public static async Task<Owner?> OfAsync(GatewayDb db, Exclusions exclusions, Guid referral, DateTimeOffset now, CancellationToken ct) =>
        (await OfAsync(db, exclusions, [referral], now, ct)).GetValueOrDefault(referral);

    private static async Task<Handle?> LastActorAsync(GatewayDb db, Guid referral, CancellationToken ct)
    {
        var ours = await db.Statements.AsNoTracking()
            .Where(s => s.Referral == referral && s.IsOurs && s.Fate != Fate.Refused).OrderByDescending(s => s.Order).ToListAsync(ct);
        return ours.Select(s => s.Read().Statement.Person).FirstOrDefault(person => person is not null);
    }
}
