using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Access;

/// <summary>
/// Keeps a referral from the people whom its summary excludes and from those whose names are like theirs: for them, and for
/// whoever does not say who asks, it does not exist. Names are compared at each look, so who came later is kept out, too.
/// Spec: docs/protocol.md §2.8.
/// </summary>
internal sealed class Exclusions(OwnAgency own, TimeProvider clock)
{
    private const string Excluded = "excluded";

    /// <summary>The excluded names of a summary, sealed to ourselves; null when it excludes nobody.</summary>
    public byte[]? Seal(Summary summary) =>
        summary.ExcludedPeople is { Count: > 0 } names ? SelfSealed.Seal(own.Keys, JsonSerializer.SerializeToUtf8Bytes(names)) : null;

    /// <summary>Throws as if it were not there when the referral is kept from whoever asks.</summary>
    /// <param name="db">For reading.</param>
    /// <param name="id">The referral.</param>
    /// <param name="by">Who asks, one of our people or refused; null when nobody says.</param>
    /// <param name="ct">Gives up.</param>
    public async Task RequireVisibleAsync(GatewayDb db, Guid id, Handle? by, CancellationToken ct)
    {
        if ((await HiddenFromAsync(db, by, db.Referrals.Where(r => r.Id == id), ct)).Count == 0) return;
        await RefuseAsync(db, id, by, Excluded, ct);
        throw Acts.NotFound(id);
    }

    /// <summary>Records that somebody was refused: only an auditor sees it.</summary>
    /// <param name="db">Outside a transaction.</param>
    /// <param name="id">The referral.</param>
    /// <param name="by">Who; null when nobody said.</param>
    /// <param name="reason">Why, as a code.</param>
    /// <param name="ct">Gives up.</param>
    public Task RefuseAsync(GatewayDb db, Guid id, Handle? by, string reason, CancellationToken ct) => db.Write(
        () =>
        {
            db.RefusedLooks.Add(new RefusedLook { At = clock.GetUtcNow(), Referral = id, By = by, Reason = reason });
            return Task.CompletedTask;
        },
        ct);

    /// <summary>Which referrals are kept from whoever asks.</summary>
    public Task<IReadOnlySet<Guid>> HiddenFromAsync(GatewayDb db, Handle? by, CancellationToken ct) => HiddenFromAsync(db, by, db.Referrals, ct);

    /// <summary>Raises the alarm that a lead must see, when somebody here is excluded from a referral.</summary>
    /// <param name="db">Inside a transaction.</param>
    /// <param name="referral">The referral.</param>
    /// <param name="names">Names of our people.</param>
    /// <param name="at">Now.</param>
    /// <param name="log">Where alarms are logged.</param>
    /// <param name="ct">Gives up.</param>
    public async Task TellAsync(GatewayDb db, KeptReferral referral, IEnumerable<string> names, DateTimeOffset at, ILogger log, CancellationToken ct)
    {
        if (referral.SealedExclusions is not { } excluded || !names.Any(AnyOf(excluded))) return;
        var alarm = new Alarm { At = at, Code = AlarmCode.ExclusionMatched, Detail = WireId.Text(referral.Id), Referral = referral.Id };
        await Alarms.RaiseAsync(db, alarm, log, ct);
    }

    /// <summary>Whether this person hears of exclusions: a lead, or anybody while there is none.</summary>
    public static async Task<bool> IsToldAsync(GatewayDb db, Handle by, CancellationToken ct) =>
        await db.People.AnyAsync(p => p.Handle == by && p.IsLead, ct) || !await db.People.AnyAsync(p => p.IsLead, ct);

    /// <summary>The names of all our people.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(GatewayDb db, CancellationToken ct) =>
        (await db.People.AsNoTracking().ToListAsync(ct)).ConvertAll(NameOf);

    private async Task<IReadOnlySet<Guid>> HiddenFromAsync(GatewayDb db, Handle? by, IQueryable<KeptReferral> among, CancellationToken ct)
    {
        if (by is not null) await Outbox.RequirePersonAsync(db, by, ct);
        var excluding = await among.AsNoTracking().Where(r => r.SealedExclusions != null).ToListAsync(ct);
        if (excluding.Count == 0) return new HashSet<Guid>();
        var names = (await db.People.AsNoTracking().Where(p => by == null || p.Handle == by).ToListAsync(ct)).ConvertAll(NameOf);
        return excluding.Where(r => names.Any(AnyOf(r.SealedExclusions!))).Select(r => r.Id).ToHashSet();
    }

    private string NameOf(Person person) => SelfSealed.OpenText(own.Keys, person.SealedName);

    private Func<string, bool> AnyOf(byte[] sealedNames)
    {
        var names = JsonSerializer.Deserialize<string[]>(SelfSealed.OpenText(own.Keys, sealedNames))
            ?? throw new InvalidDataException("The database holds broken exclusions.");
        return name => names.Any(excluded => Names.AreAlike(excluded, name));
    }
}
