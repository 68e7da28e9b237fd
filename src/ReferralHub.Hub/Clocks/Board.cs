using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Directory;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Clocks;

/// <summary>Where a referral waits.</summary>
internal enum Lane
{
    /// <summary>The recipient's gateway has not got it.</summary>
    Undelivered,

    /// <summary>Nobody has seen that it exists.</summary>
    Unacknowledged,

    /// <summary>Somebody owns deciding and has not decided.</summary>
    Undecided,

    /// <summary>Accepted, and the recipient owes a word.</summary>
    Silent,

    /// <summary>It has an outcome that the sender has not read.</summary>
    Unread,
}

/// <summary>One referral on the board: metadata, and nobody's case code.</summary>
/// <param name="Referral">Its id.</param>
/// <param name="Sender">From whom.</param>
/// <param name="Recipient">To whom.</param>
/// <param name="Service">The family of help.</param>
/// <param name="Urgency">How soon a person must act.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Owes">Which agency owes the next step.</param>
/// <param name="Clock">What it owes.</param>
/// <param name="Due">When that is missed.</param>
/// <param name="Left">Seconds until then; negative when it is missed.</param>
/// <param name="Step">How far the chain has climbed; null when it has not begun.</param>
/// <param name="ConsentEnds">When its consent runs out, if that is near or past.</param>
/// <param name="KeyIsStale">Whether the recipient should have replaced the key that it is sealed to.</param>
internal sealed record BoardRow(
    Guid Referral,
    AgencyId Sender,
    AgencyId Recipient,
    ServiceFamily Service,
    Urgency Urgency,
    HandoffState State,
    AgencyId Owes,
    ClockKind Clock,
    DateTimeOffset Due,
    long Left,
    ClockStep? Step,
    DateTimeOffset? ConsentEnds,
    bool KeyIsStale);

/// <summary>A lane, nearest to its breach first.</summary>
/// <param name="Lane">Which.</param>
/// <param name="Count">How many referrals are in it.</param>
/// <param name="Overdue">How many of them are missed.</param>
/// <param name="Rows">The first of them, at most <see cref="Limits.BoardRows"/>.</param>
internal sealed record BoardLane(Lane Lane, int Count, int Overdue, IReadOnlyList<BoardRow> Rows);

/// <summary>What to show.</summary>
/// <param name="Agency">Only with this party.</param>
/// <param name="Urgency">Only of this urgency.</param>
/// <param name="Service">Only for this help.</param>
internal sealed record BoardFilter(AgencyId? Agency = null, Urgency? Urgency = null, ServiceFamily? Service = null);

/// <summary>All that is owed, as a coordinator sees it.</summary>
internal static class Board
{
    /// <summary>Reads the board, lane by lane.</summary>
    public static async Task<IReadOnlyList<BoardLane>> Read(HubDb db, Agencies agencies, BoardFilter filter, CancellationToken ct)
    {
        var directory = (await agencies.Now(db, ct)).Entries;
        var now = WireTime.Whole(db.Clock.GetUtcNow());
        var lanes = new List<BoardLane>();
        foreach (var lane in Enum.GetValues<Lane>())
        {
            var states = StatesOf(lane);
            var among = db.Set<ClockRecord>().AsNoTracking().Where(c => states.Contains(c.State));
            if (filter.Agency is { } agency) among = among.Where(c => c.Sender == agency || c.Recipient == agency);
            if (filter.Urgency is { } urgency) among = among.Where(c => c.Urgency == urgency);
            if (filter.Service is { } service) among = among.Where(c => c.Service == service);
            var rows = await among.OrderBy(c => c.Due).ThenBy(c => c.Referral).Take(Limits.BoardRows).ToListAsync(ct);
            var consents = await ConsentLedger.FindConsentsOf(db, rows.ConvertAll(row => row.Referral), ct);
            lanes.Add(new(
                lane,
                await among.CountAsync(ct),
                await among.CountAsync(c => c.Due <= now, ct),
                rows.ConvertAll(row => Tell(row, consents.GetValueOrDefault(row.Referral), directory, now))));
        }

        return lanes;
    }

    /// <summary>Leaves the event that a coordinator looks.</summary>
    public static Task RecordRead(HubDb db, Agencies agencies, Handle by, CancellationToken ct) => db.Write(
        async token => db.Record(new AuditEvent
        {
            Event = AuditEventCode.BoardRead,
            At = await db.EventTime(token),
            Directory = (await agencies.Now(db, token)).Head,
            By = by,
        }),
        ct);

    private static BoardRow Tell(ClockRecord row, Consent? consent, AgencyDirectory directory, DateTimeOffset now) => new(
        row.Referral,
        row.Sender,
        row.Recipient,
        row.Service,
        row.Urgency,
        row.State,
        row.Clock.Owner == Party.Sender ? row.Sender : row.Recipient,
        row.Kind,
        row.Due,
        (row.Due - now).Ticks / TimeSpan.TicksPerSecond,
        row.Spoke,
        consent?.IsExpiring(now) == true ? consent.ValidUntil : null,
        directory.Find(row.Recipient)!.HasStaleEncryptionKey(now));

    private static HandoffState[] StatesOf(Lane lane) => lane switch
    {
        Lane.Undelivered => [HandoffState.Sent],
        Lane.Unacknowledged => [HandoffState.Delivered],
        Lane.Undecided => [HandoffState.Acknowledged, HandoffState.InformationRequested],
        Lane.Silent => [HandoffState.Accepted, HandoffState.InProgress, HandoffState.OnHold],
        Lane.Unread => [HandoffState.Completed, HandoffState.Failed],
    };
}
