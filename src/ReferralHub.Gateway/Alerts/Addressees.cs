using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Duty;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Alerts;

/// <summary>
/// Who is told of a referral. The duty desk is whoever is on duty, else whoever stands in, else the leads; the lead is the
/// leads, else whoever is on duty. Whom a referral is kept from is never told of it, not even by a count; so a mailbox that
/// several read is told only of what is kept from nobody here.
/// </summary>
/// <param name="OnDuty">On duty now, and can be told.</param>
/// <param name="Cover">Standing in now, and can be told.</param>
/// <param name="Leads">Leads who can be told.</param>
internal sealed record Addressees(IReadOnlyList<Handle> OnDuty, IReadOnlyList<Handle> Cover, IReadOnlyList<Handle> Leads)
{
    /// <summary>Who can be told now.</summary>
    public static async Task<Addressees> NowAsync(GatewayDb db, OwnAgency own, AlertSettings settings, DateTimeOffset now, CancellationToken ct)
    {
        var reached = (await db.People.AsNoTracking().Where(p => p.SealedContact != null && p.DisabledAt == null).ToListAsync(ct)).FindAll(p => Contact.Of(p, own)!.IsReached(settings));
        var onDuty = (await Rota.OnDutyAsync(db, now, ct)).Where(d => reached.Any(p => p.Handle == d.Person)).ToLookup(d => d.IsCover, d => d.Person);
        return new([.. onDuty[false]], [.. onDuty[true]], [.. reached.Where(p => p.IsLead).Select(p => p.Handle)]);
    }

    /// <summary>Who is told: each person, and null for the agency's own mailboxes. Empty when there is nobody who may be. Pure.</summary>
    public IReadOnlyList<Handle?> Of(Audience audience, Keeping keeping)
    {
        IReadOnlyList<Handle>[] chain = audience switch
        {
            Audience.DutyDesk => [OnDuty, Cover, Leads],
            Audience.Lead => [Leads, OnDuty, Cover],
        };
        var people = chain.Select(link => link.Where(person => !keeping.IsFrom(person)).ToList()).FirstOrDefault(link => link.Count > 0) ?? [];
        return keeping.IsOpen ? [.. people, null] : [.. people];
    }
}
