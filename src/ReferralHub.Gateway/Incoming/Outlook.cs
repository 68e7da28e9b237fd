using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// What is near about an open referral: computed at each look and never stored. A clock is what this gateway counts by the
/// hours that it knows now; once the hub has spoken of it, the hub's time. Spec: docs/protocol.md §3.7.
/// </summary>
/// <param name="Clock">What is owed next; null when nothing is.</param>
/// <param name="Owes">Which agency owes it.</param>
/// <param name="Due">When that is missed.</param>
/// <param name="IsOverdue">Whether it is.</param>
/// <param name="ConsentEnds">When its consent runs out, if that is near or past.</param>
/// <param name="KeyIsStale">Whether the recipient should have replaced the key that it is sealed to.</param>
internal sealed record Outlook(ClockKind? Clock, AgencyId? Owes, DateTimeOffset? Due, bool IsOverdue, DateTimeOffset? ConsentEnds, bool KeyIsStale)
{
    /// <summary>Of a referral that is over.</summary>
    public static Outlook None { get; } = new(null, null, null, IsOverdue: false, null, KeyIsStale: false);

    /// <summary>In a few words.</summary>
    public override string ToString() => string.Join("  ", new[]
    {
        Clock is { } clock ? $"{Owes} owes: {Code.Text(clock)} {(IsOverdue ? "since" : "by")} {WireTime.Text(Due!.Value)}{(IsOverdue ? " OVERDUE" : "")}" : null,
        ConsentEnds is { } ends ? $"consent ends {WireTime.Text(ends)}" : null,
        KeyIsStale ? "recipient's key is stale" : null,
    }.OfType<string>());

    /// <summary>Looks at several referrals.</summary>
    public static async Task<IReadOnlyDictionary<Guid, Outlook>> OfAsync(
        GatewayDb db, AgencyDirectory directory, IReadOnlyList<KeptReferral> referrals, DateTimeOffset now, CancellationToken ct)
    {
        var settings = new Dictionary<(AgencyId, AgencyId), ClockSetting>();
        var outlooks = new Dictionary<Guid, Outlook>();
        foreach (var referral in referrals)
        {
            var route = (referral.Sender, referral.Recipient);
            if (!settings.TryGetValue(route, out var setting)) settings.Add(route, setting = await SettingAsync(db, directory, route.Sender, route.Recipient, now, ct));
            outlooks.Add(referral.Id, await OfAsync(db, directory, referral, setting, now, ct));
        }

        return outlooks;
    }

    private static async Task<Outlook> OfAsync(
        GatewayDb db, AgencyDirectory directory, KeptReferral referral, ClockSetting setting, DateTimeOffset now, CancellationToken ct)
    {
        // An answer to a revocation is owed whatever the state, also after the end.
        var (kind, due) = (ClockKind.Erase, referral.ErasureDue);
        var over = Handoff.IsTerminal(referral.State);
        if (!over)
        {
            var statements = await db.Statements.AsNoTracking().Where(s => s.Referral == referral.Id).OrderBy(s => s.Order).ToListAsync(ct);
            if (Running(referral, statements, setting) is { } clock && (due is null || clock.Due < due)) (kind, due) = clock;
        }

        var owes = HandoffClock.OwnerOf(kind) == Party.Sender ? referral.Sender : referral.Recipient;
        return new(
            due is null ? null : kind,
            due is null ? null : owes,
            due,
            due <= now,
            over ? null : await ConsentEndsAsync(db, referral, now, ct),
            !over && directory.Find(referral.Recipient)?.HasStaleEncryptionKey(now) == true);
    }

    // Statements that the hub has not taken yet count from when they were signed.
    private static (ClockKind Kind, DateTimeOffset Due)? Running(KeptReferral referral, IReadOnlyList<KeptStatement> statements, ClockSetting setting)
    {
        var states = Story.Tell(referral, statements).ToDictionary(step => step.Statement, step => step.Position.State);
        var (state, urgency, clock) = (Handoff.Start.State, referral.Urgency, (HandoffClock?)null);
        DateTimeOffset? told = null;
        foreach (var kept in statements.Where(s => s.Fate != Fate.Refused))
        {
            var said = kept.Read().Statement;
            var at = kept.HubTime ?? said.IssuedAt;
            if (said is Referral sent)
            {
                urgency = sent.Urgency;
                clock = HandoffClock.Start(urgency, at, setting);
            }
            else if (said is HubAct { Chain: not null } act && act.Clock == clock?.Kind)
            {
                told = act.Due;
            }
            else if (said.Does is { } does && (!Handoff.SetsState(does) || states.ContainsKey(kept.Id)))
            {
                state = states.GetValueOrDefault(kept.Id, state);
                urgency = (said as SenderAct)?.Urgency ?? urgency;
                var before = clock;
                clock = clock?.Next(does, state, urgency, at, setting);
                if (clock != before) told = null;
            }
        }

        return clock is null ? null : (clock.Kind, told ?? clock.Due);
    }

    private static async Task<DateTimeOffset?> ConsentEndsAsync(GatewayDb db, KeptReferral referral, DateTimeOffset now, CancellationToken ct)
    {
        if (referral is not { Basis: Basis.Consent, Consent: { } id }) return null;
        var kept = await db.Consents.AsNoTracking().Where(c => c.Id == id).Join(db.Statements, c => c.Statement, s => s.Id, (_, s) => s).SingleOrDefaultAsync(ct);
        return kept?.Read().Statement is Consent consent && consent.IsExpiring(now) ? consent.ValidUntil : null;
    }

    private static async Task<ClockSetting> SettingAsync(
        GatewayDb db, AgencyDirectory directory, AgencyId sender, AgencyId recipient, DateTimeOffset now, CancellationToken ct) => new(
            await Agreements.ClocksAsync(db, directory, sender, recipient, now, ct), await HoursAsync(db, sender, ct), await HoursAsync(db, recipient, ct));

    private static async Task<WorkingCalendar> HoursAsync(GatewayDb db, AgencyId agency, CancellationToken ct) =>
        (await Profiles.FindAsync(db, agency, ct))?.Profile.Hours is { } hours && WorkingCalendar.TryMake(hours, out var calendar) ? calendar : WorkingCalendar.Default;
}
