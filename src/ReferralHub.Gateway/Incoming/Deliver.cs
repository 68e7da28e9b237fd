using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// Brings in what others sent: for a new referral our own consent check, the summary, and then the signed word that it is
/// here and opens; after accepting the record; after completion the sender's note. Spec: docs/protocol.md §3.5, §3.6.
/// </summary>
internal sealed partial class Deliver(FetchPart fetch, Outbox outbox, FollowDirectory directory, TimeProvider clock, ILogger<Deliver> log)
{
    /// <summary>Does what can be done now. One referral's trouble does not keep the others waiting.</summary>
    /// <returns>How many parts came or deliveries were stated.</returns>
    public async Task<int> RunAsync(GatewayDb db, CancellationToken ct)
    {
        var done = 0;
        foreach (var (referral, part) in await OpenAsync(db, ct))
        {
            try
            {
                if (part == Part.Summary ? await DeliverAsync(db, referral, ct) : await fetch.RunAsync(db, referral, part, ct)) done++;
            }
            catch (Exception e) when (e is HubRefusedException or HubAnswerException)
            {
                NotFetched(log, referral.Id, part, e);
            }
        }

        return done;
    }

    // What is wanted and may be had: nothing while an act of ours that would open the way still waits.
    private static async Task<IReadOnlyList<(KeptReferral Referral, Part Part)>> OpenAsync(GatewayDb db, CancellationToken ct)
    {
        var wanted = await db.Referrals.AsNoTracking()
            .Where(r => r.Blocked == null && !db.Statements.Any(s => s.Referral == r.Id && s.Fate == Fate.Waiting && s.Kind == StatementKind.Acknowledgement))
            .Join(db.Parts.Where(p => !p.Held), r => r.Id, p => p.Referral, (r, p) => new { Referral = r, p.Part })
            .ToListAsync(ct);
        var undelivered = await db.Referrals.AsNoTracking()
            .Where(r => r.Blocked == null && r.Role == Party.Recipient && r.State == HandoffState.Sent).ToListAsync(ct);
        return
        [
            .. undelivered.Select(r => (r, Part.Summary)),
            .. wanted.Where(w => w.Part != Part.Summary && Handoff.MayRelease(w.Referral.State, w.Referral.Role, w.Part)).Select(w => (w.Referral, w.Part)),
        ];
    }

    private async Task<bool> DeliverAsync(GatewayDb db, KeptReferral referral, CancellationToken ct)
    {
        if (await RefusedByCheckAsync(db, referral, ct) || !await fetch.RunAsync(db, referral, Part.Summary, ct)) return false;
        await db.Write(
            async () =>
            {
                var kept = await db.Referrals.SingleAsync(r => r.Id == referral.Id, ct);
                if (kept.After(Party.Recipient, HandoffAct.Delivered) is not { } next) return;
                var preamble = await outbox.PreambleAsync(db, ct);
                var signed = outbox.Add(
                    db,
                    new Acknowledgement
                    {
                        Issuer = preamble.Issuer,
                        IssuedAt = preamble.IssuedAt,
                        Directory = preamble.Directory,
                        AuditLog = preamble.AuditLog,
                        Referral = kept.Id,
                        After = kept.Current,
                        Act = HandoffAct.Delivered,
                    },
                    stream: kept.Id);
                (kept.State, kept.Current) = (next, signed.Id);
            },
            ct);
        return true;
    }

    private async Task<bool> RefusedByCheckAsync(GatewayDb db, KeptReferral referral, CancellationToken ct)
    {
        var outer = (Referral)(await db.Statements.AsNoTracking().SingleAsync(s => s.Id == referral.Statement, ct)).Read().Statement;
        var kept = await db.Consents.AsNoTracking().SingleAsync(c => c.Id == referral.Consent, ct);
        var consent = (Consent)(await db.Statements.AsNoTracking().SingleAsync(s => s.Id == kept.Statement, ct)).Read().Statement;
        var decision = await Agreements.DecideAsync(db, directory.Current, outer, consent, clock.GetUtcNow(), ct);
        if (decision.Permit) return false;

        var reasons = string.Join(' ', decision.Reasons.Select(Code.Text));
        await db.Write(
            async () =>
            {
                (await db.Referrals.SingleAsync(r => r.Id == referral.Id, ct)).Blocked = reasons;
                var alarm = new Alarm { At = clock.GetUtcNow(), Code = AlarmCode.ConsentRefused, Referral = referral.Id, Detail = $"{WireId.Text(referral.Id)}: {reasons}" };
                await Alarms.RaiseAsync(db, alarm, log, ct);
            },
            ct);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not fetch the {Part} of {Referral}; trying again in the next round")]
    private static partial void NotFetched(ILogger logger, Guid referral, Part part, Exception error);
}
