using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Log;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Referrals;

/// <summary>A coordinator cannot do this.</summary>
internal enum CoordinateFault
{
    /// <summary>There is no such referral.</summary>
    NoReferral,

    /// <summary>The handoff is over: there is nobody to ask.</summary>
    Over,

    /// <summary>One of the agencies named is a party, or not active.</summary>
    Agencies,
}

/// <summary>
/// An act of a coordinator: signed by the hub with the coordinator's handle, kept with its event, told to both parties.
/// It moves nothing. Spec: docs/protocol.md §3.3.
/// </summary>
internal static class Coordinate
{
    /// <summary>Does it, or says why not.</summary>
    /// <param name="db">A context.</param>
    /// <param name="agencies">The directory.</param>
    /// <param name="keys">The hub's.</param>
    /// <param name="referral">About which referral.</param>
    /// <param name="say">Completes the act, given the common members.</param>
    /// <param name="ct">Gives up.</param>
    public static Task<CoordinateFault?> Act(
        HubDb db, Agencies agencies, HubKeys keys, Guid referral, Func<Preamble, CoordinatorAct> say, CancellationToken ct) =>
        db.Write<CoordinateFault?>(async token =>
        {
            if (await db.Set<ReferralRecord>().AsNoTracking().SingleOrDefaultAsync(r => r.Id == referral, token) is not { } record)
                return CoordinateFault.NoReferral;
            var directory = await agencies.Now(db, token);
            var audit = await db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == LogName.Audit, token);
            var act = say(new(record, await db.EventTime(token), directory.Head, audit.ToTreeHead()));
            if (act.Act is not CoordinatorActCode.Reviewed && Handoff.IsTerminal(record.State)) return CoordinateFault.Over;
            if (act.Agencies?.All(id => id != record.Sender && id != record.Recipient && directory.Entries.IsActive(id, directory.Head.Size)) == false)
                return CoordinateFault.Agencies;

            if (act.Act is CoordinatorActCode.Reviewed) await OwedRecord.Settle(db, referral, ClockKind.Review, token);
            HubStatement.Store(db, SignedStatement.Sign(keys.Statements, act), record.State, record.Sender, record.Recipient);
            return null;
        }, ct);

    /// <summary>What every act has in common.</summary>
    internal sealed record Preamble(ReferralRecord Referral, DateTimeOffset At, TreeHead Directory, TreeHead AuditLog)
    {
        /// <summary>The act, as far as it goes without its own members.</summary>
        public CoordinatorAct Say(CoordinatorActCode act, Handle by) => new()
        {
            Issuer = AgencyId.Hub,
            IssuedAt = At,
            Directory = Directory,
            AuditLog = AuditLog,
            Referral = Referral.Id,
            After = Referral.After,
            Act = act,
            By = by,
        };
    }
}
