using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Access;

/// <summary>Whom one referral is kept from.</summary>
/// <param name="FromAll">From everybody, also who does not say who asks.</param>
/// <param name="People">Those of our people who must not know of it.</param>
internal sealed record Keeping(bool FromAll, IReadOnlySet<Handle> People)
{
    /// <summary>Kept from nobody.</summary>
    public static Keeping None { get; } = new(false, new HashSet<Handle>());

    /// <summary>Whether everybody here may know of it, also who reads what several people read.</summary>
    public bool IsOpen => !FromAll && People.Count == 0;

    /// <summary>Whether it is kept from this person; from whoever does not say who asks, as soon as it is kept from anybody.</summary>
    public bool IsFrom(Handle? by) => by is null ? !IsOpen : FromAll || People.Contains(by);
}

/// <summary>
/// Keeps a referral from the people whom its summary excludes and from those whose names are like theirs: for them, and for
/// whoever does not say who asks, it does not exist. Names are compared at each look, so who came later is kept out, too.
/// A received one whose summary nobody has read yet might exclude anybody. Spec: docs/protocol.md §2.8.
/// </summary>
internal sealed class Exclusions(OwnAgency own, TimeProvider clock)
{
    /// <summary>Of a referral that we sent, or whose content was erased, before our records were lost: in place of those who may see it. No handle is spelt so.</summary>
    public const string LeadsOnly = "leads-only";

    private const string Excluded = "excluded";

    /// <summary>The excluded names of a summary, sealed to ourselves; null when it excludes nobody.</summary>
    public byte[]? Seal(Summary summary) =>
        summary.ExcludedPeople is { Count: > 0 } names ? SelfSealed.Seal(own.Keys, JsonSerializer.SerializeToUtf8Bytes(names)) : null;

    /// <summary>Throws when the referral is not there, and in the same way when it is kept from whoever asks.</summary>
    /// <param name="db">For reading.</param>
    /// <param name="id">The referral.</param>
    /// <param name="by">Who asks, one of our people or refused; null when nobody says.</param>
    /// <param name="ct">Gives up.</param>
    public async Task RequireVisibleAsync(GatewayDb db, Guid id, Handle? by, CancellationToken ct)
    {
        var isHidden = await IsHiddenAsync(db, id, by, ct);
        if (isHidden) await RefuseAsync(db, id, by, Excluded, ct);
        // Whatever else would be asked first is asked in neither case.
        if (isHidden || !await db.Referrals.AnyAsync(r => r.Id == id, ct)) throw Acts.NotFound(id);
    }

    /// <summary>Whether a referral is kept from whoever asks.</summary>
    public async Task<bool> IsHiddenAsync(GatewayDb db, Guid id, Handle? by, CancellationToken ct) =>
        (await HiddenFromAsync(db, by, db.Referrals.Where(r => r.Id == id), ct)).Count > 0;

    /// <summary>Whether what is to become a referral of ours is kept from whoever asks.</summary>
    public async Task<bool> IsHiddenAsync(GatewayDb db, KeptDraft draft, Handle? by, CancellationToken ct)
    {
        if (by is not null) await Outbox.RequirePersonAsync(db, by, ct);
        if (draft.Kind is not DraftKind.Referral) return await IsHiddenAsync(db, draft.Referral, by, ct);
        return draft.SealedExclusions is { } names && Like(await NamesAsync(db, ct), names, except: [draft.By]).IsFrom(by);
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

    /// <summary>Records that a draft was refused to somebody; the answer is the same as for one that is not there.</summary>
    public Task RefuseAsync(GatewayDb db, KeptDraft draft, Handle? by, CancellationToken ct) => RefuseAsync(db, draft.Referral, by, Excluded, ct);

    /// <summary>Which referrals are kept from whoever asks.</summary>
    public Task<IReadOnlySet<Guid>> HiddenFromAsync(GatewayDb db, Handle? by, CancellationToken ct) => HiddenFromAsync(db, by, db.Referrals, ct);

    /// <summary>Whom referrals are kept from; those that are kept from nobody are left out.</summary>
    public async Task<IReadOnlyDictionary<Guid, Keeping>> KeepingsAsync(GatewayDb db, IQueryable<KeptReferral> among, CancellationToken ct)
    {
        var unread = Unread(db, among);
        var unreadIds = await unread.Select(r => r.Id).ToListAsync(ct);
        var kept = await among.AsNoTracking().Where(r => r.SealedExclusions != null || r.VisibleTo != null).Union(unread.AsNoTracking()).ToListAsync(ct);
        if (kept.Count == 0) return new Dictionary<Guid, Keeping>();
        var people = await db.People.AsNoTracking().ToListAsync(ct);
        var names = people.ToDictionary(p => p.Handle, NameOf);
        var keepings = new Dictionary<Guid, Keeping>();
        foreach (var referral in kept)
        {
            var keeping = unreadIds.Contains(referral.Id) ? OfUnread(referral, people)
                : referral.VisibleTo == LeadsOnly ? OfForgotten(people)
                : referral.VisibleTo is { } visible ? new(false, people.Select(p => p.Handle).Except(HandlesOf(visible)).ToHashSet())
                : Like(names, referral.SealedExclusions!, except: await AuthorsAsync(db, referral, ct));
            if (!keeping.IsOpen) keepings.Add(referral.Id, keeping);
        }

        return keepings;
    }

    /// <summary>
    /// Forgets whom a referral excludes, since that is content, and keeps it from the same people: it remains visible to those
    /// of ours who could see it, and to nobody who comes later.
    /// </summary>
    public async Task ForgetNamesAsync(GatewayDb db, KeptReferral referral, CancellationToken ct)
    {
        var keepings = await KeepingsAsync(db, db.Referrals.Where(r => r.Id == referral.Id), ct);
        if (keepings.TryGetValue(referral.Id, out var keeping))
            referral.VisibleTo = string.Join(' ', (await db.People.AsNoTracking().Select(p => p.Handle).ToListAsync(ct)).Where(person => !keeping.IsFrom(person)));
        referral.SealedExclusions = null;
    }

    /// <summary>Raises the alarm that a lead must see, when somebody here is excluded from a referral.</summary>
    /// <param name="db">Inside a transaction.</param>
    /// <param name="referral">The referral.</param>
    /// <param name="names">Names of our people.</param>
    /// <param name="at">Now.</param>
    /// <param name="log">Where alarms are logged.</param>
    /// <param name="ct">Gives up.</param>
    public async Task TellAsync(GatewayDb db, KeptReferral referral, IReadOnlyDictionary<Handle, string> names, DateTimeOffset at, ILogger log, CancellationToken ct)
    {
        if (referral.SealedExclusions is not { } excluded || Like(names, excluded, except: []).IsOpen) return;
        var alarm = new Alarm { At = at, Code = AlarmCode.ExclusionMatched, Detail = WireId.Text(referral.Id), Referral = referral.Id };
        await Alarms.RaiseAsync(db, alarm, log, ct);
    }

    /// <summary>Whether this person hears of exclusions: a lead, or anybody while there is none.</summary>
    public static async Task<bool> IsToldAsync(GatewayDb db, Handle by, CancellationToken ct) =>
        await db.People.AnyAsync(p => p.Handle == by && p.IsLead && p.DisabledAt == null, ct) || !await db.People.AnyAsync(p => p.IsLead && p.DisabledAt == null, ct);

    /// <summary>The names of all our people.</summary>
    public async Task<IReadOnlyDictionary<Handle, string>> NamesAsync(GatewayDb db, CancellationToken ct) =>
        (await db.People.AsNoTracking().ToListAsync(ct)).ToDictionary(p => p.Handle, NameOf);

    private async Task<IReadOnlySet<Guid>> HiddenFromAsync(GatewayDb db, Handle? by, IQueryable<KeptReferral> among, CancellationToken ct)
    {
        if (by is not null) await Outbox.RequirePersonAsync(db, by, ct);
        return (await KeepingsAsync(db, among, ct)).Where(one => one.Value.IsFrom(by)).Select(one => one.Key).ToHashSet();
    }

    // What was received and whose summary has not been opened here, unless it was erased since.
    private static IQueryable<KeptReferral> Unread(GatewayDb db, IQueryable<KeptReferral> among) => among.Where(r =>
        r.Role == Party.Recipient && r.Locked != CustodyOf.Erased && !db.Parts.Any(p => p.Referral == r.Id && p.Part == Part.Summary && p.Held));

    // While it is on its way it is nobody's; what cannot be opened somebody must look after, and that is a lead.
    private static Keeping OfUnread(KeptReferral referral, IReadOnlyList<Person> people)
    {
        if (referral is { State: HandoffState.Sent, Blocked: null, Locked: null }) return new(true, new HashSet<Handle>());
        return people.Any(p => p.IsLead) ? new(false, people.Where(p => !p.IsLead).Select(p => p.Handle).ToHashSet()) : Keeping.None;
    }

    // Whom it was kept from is lost with its names: nobody but a lead, and where there is none, nobody.
    private static Keeping OfForgotten(IReadOnlyList<Person> people) =>
        people.Any(p => p.IsLead) ? new(false, people.Where(p => !p.IsLead).Select(p => p.Handle).ToHashSet()) : new(true, new HashSet<Handle>());

    // Whoever wrote or approved a referral of ours knows of it, however alike the names are.
    private static async Task<IReadOnlyList<Handle>> AuthorsAsync(GatewayDb db, KeptReferral referral, CancellationToken ct)
    {
        if (referral.Role is not Party.Sender) return [];
        var said = await db.Statements.AsNoTracking().Where(s => s.Id == referral.Statement || s.Approves == referral.Statement).ToListAsync(ct);
        return [.. said.Select(s => s.Read().Statement.Person).OfType<Handle>()];
    }

    private static IEnumerable<Handle> HandlesOf(string visibleTo) => visibleTo.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Handle.Parse);

    private string NameOf(Person person) => SelfSealed.OpenText(own.Keys, person.SealedName);

    private Keeping Like(IReadOnlyDictionary<Handle, string> people, byte[] sealedNames, IReadOnlyList<Handle> except)
    {
        var excluded = JsonSerializer.Deserialize<string[]>(SelfSealed.OpenText(own.Keys, sealedNames))
            ?? throw new InvalidDataException("The database holds broken exclusions.");
        return new(false, people.Where(p => !except.Contains(p.Key) && excluded.Any(name => Names.AreAlike(name, p.Value))).Select(p => p.Key).ToHashSet());
    }
}
