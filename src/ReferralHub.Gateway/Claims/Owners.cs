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
        var onDuty = (await Rota.OnDutyAsync(db, now, ct)).Select(d => d.Person).ToList();
        var here = await db.People.AsNoTracking().Where(p => p.DisabledAt == null).OrderByDescending(p => p.IsLead).ThenBy(p => p.AddedAt).Select(p => p.Handle).ToListAsync(ct);
        var acted = await db.Statements.AsNoTracking()
            .Where(s => s.IsOurs && s.Fate != Fate.Refused && s.Referral != null && referrals.Contains(s.Referral.Value)).OrderByDescending(s => s.Order).ToListAsync(ct);
        var actors = acted.ToLookup(s => s.Referral!.Value);
        var ours = (await db.Referrals.AsNoTracking().Where(r => referrals.Contains(r.Id)).ToListAsync(ct)).Where(r => r.IsOurResponsibility).Select(r => r.Id).ToHashSet();
        var keepings = await exclusions.KeepingsAsync(db, db.Referrals.Where(r => referrals.Contains(r.Id)), ct);
        var owners = new Dictionary<Guid, Owner>();
        foreach (var referral in referrals)
        {
            var keeping = keepings.GetValueOrDefault(referral, Keeping.None);
            var lastFirst = actors[referral].Select(s => s.Read().Statement.Person).OfType<Handle>();
            if (Ownership.Of(claimed.GetValueOrDefault(referral), onDuty, lastFirst, ours.Contains(referral) ? here : [], person => here.Contains(person) && !keeping.IsFrom(person)) is { } owner)
                owners.Add(referral, owner);
        }

        return owners;
    }

    /// <inheritdoc cref="OfAsync(GatewayDb, Exclusions, IReadOnlyCollection{Guid}, DateTimeOffset, CancellationToken)"/>
    public static async Task<Owner?> OfAsync(GatewayDb db, Exclusions exclusions, Guid referral, DateTimeOffset now, CancellationToken ct) =>
        (await OfAsync(db, exclusions, [referral], now, ct)).GetValueOrDefault(referral);
}
