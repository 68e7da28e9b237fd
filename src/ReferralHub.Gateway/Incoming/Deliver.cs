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
/// here and opens; after accepting the record; and whatever the other side writes under seal. Spec: docs/protocol.md §3.5, §3.6.
/// </summary>
internal sealed partial class Deliver(FetchPart fetch, Acts acts, FollowDirectory directory, TimeProvider clock, ILogger<Deliver> log)
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
                if (part.Part == Part.Summary && referral.State == HandoffState.Sent ? await DeliverAsync(db, referral, part, ct) : await fetch.RunAsync(db, referral, part, ct)) done++;
            }
            catch (Exception e) when (e is HubRefusedException or HubAnswerException)
            {
                NotFetched(log, referral.Id, part.Part, e);
            }
        }

        return done;
    }

    // What is wanted and may be had: nothing while an act of ours that would open the way still waits.
    private static async Task<IReadOnlyList<(KeptReferral Referral, KeptPart Part)>> OpenAsync(GatewayDb db, CancellationToken ct)
    {
        var ours = db.Referrals.AsNoTracking().Where(r => r.Blocked == null && r.Locked == null);
        // Of what was delivered a summary is missing only where the records were lost. It comes first: it says whom the rest is kept from.
        var wanted = await ours
            .Where(r => !db.Statements.Any(s => s.Referral == r.Id && s.Fate == Fate.Waiting && (s.Kind == StatementKind.Acknowledgement || s.Kind == StatementKind.SenderAct)))
            .Join(db.Parts.Where(p => !p.Held), r => r.Id, p => p.Referral, (r, p) => new { Referral = r, Part = p })
            .ToListAsync(ct);
        var undelivered = await ours.Where(r => r.Role == Party.Recipient && r.State == HandoffState.Sent)
            .Join(db.Parts.Where(p => p.Part == Part.Summary), r => r.Id, p => p.Referral, (r, p) => new { Referral = r, Part = p })
            .ToListAsync(ct);
        return
        [
            .. undelivered.Select(u => (u.Referral, u.Part)),
            .. wanted.Where(w => (w.Part.Part != Part.Summary || w.Referral.State != HandoffState.Sent) && Handoff.MayRelease(w.Referral.State, w.Referral.Role, w.Part.Part, w.Referral.Release))
                .OrderBy(w => w.Part.Part != Part.Summary).Select(w => (w.Referral, w.Part)),
        ];
    }

    private async Task<bool> DeliverAsync(GatewayDb db, KeptReferral referral, KeptPart part, CancellationToken ct)
    {
        if (await RefusedByCheckAsync(db, referral, ct) || !await fetch.RunAsync(db, referral, part, ct)) return false;
        await db.Write(
            async () =>
            {
                var kept = await db.Referrals.SingleAsync(r => r.Id == referral.Id, ct);
                if (kept.May(HandoffAct.Delivered))
                    await acts.StateAsync(db, kept, HandoffAct.Delivered, (preamble, r) => preamble.SayAsRecipient(r, HandoffAct.Delivered, by: null), ct);
            },
            ct);
        return true;
    }

    private async Task<bool> RefusedByCheckAsync(GatewayDb db, KeptReferral referral, CancellationToken ct)
    {
        var outer = (Referral)(await db.Statements.AsNoTracking().SingleAsync(s => s.Id == referral.Statement, ct)).Read().Statement;
        var decision = await Agreements.DecideAsync(db, directory.Current, outer, referral.Statement, clock.GetUtcNow(), ct);
        if (decision.Permit) return false;

        var reasons = string.Join(' ', decision.Reasons.Select(Code.Text));
        await db.Write(
            async () =>
            {
                var known = await db.Referrals.SingleAsync(r => r.Id == referral.Id, ct);
                if (!known.May(HandoffAct.Undeliverable)) return;
                known.Blocked = reasons;
                var alarm = new Alarm { At = clock.GetUtcNow(), Code = AlarmCode.ConsentRefused, Referral = referral.Id, Detail = $"{WireId.Text(referral.Id)}: {reasons}" };
                await Alarms.RaiseAsync(db, alarm, log, ct);
                await acts.StateAsync(
                    db, known, HandoffAct.Undeliverable,
                    (preamble, r) => preamble.SayAsRecipient(r, HandoffAct.Undeliverable, by: null) with { Fault = DeliveryFault.ConsentRefused }, ct);
            },
            ct);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not fetch the {Part} of {Referral}; trying again in the next round")]
    private static partial void NotFetched(ILogger logger, Guid referral, Part part, Exception error);
}
