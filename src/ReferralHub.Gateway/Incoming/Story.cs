using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Gateway.Incoming;

/// <summary>What the statements about a referral add up to. Spec: docs/protocol.md §3.4.</summary>
internal static class Story
{
    /// <summary>The act of a statement that sets a state, else null.</summary>
    public static HandoffAct? ActOf(Statement statement) => statement switch
    {
        Acknowledgement acknowledgement => acknowledgement.Act,
        SenderAct act => act.Act,
        _ => null,
    };

    /// <summary>Tells the state anew without the statements that the hub refused.</summary>
    /// <param name="db">Inside a transaction.</param>
    /// <param name="referral">The referral.</param>
    /// <param name="refused">The one refused just now, not yet saved.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task RetellAsync(GatewayDb db, Guid referral, Digest refused, CancellationToken ct)
    {
        var kept = await db.Referrals.SingleAsync(r => r.Id == referral, ct);
        var statements = await db.Statements.AsNoTracking()
            .Where(s => s.Referral == referral && s.Fate != Fate.Refused && s.Id != refused).OrderBy(s => s.Order).ToListAsync(ct);
        (kept.State, kept.Current) = (HandoffState.Sent, kept.Statement);
        foreach (var statement in statements)
        {
            if (ActOf(statement.Read().Statement) is not { } act) continue;
            if (Handoff.Next(kept.State, Handoff.ActorOf(act), act) is not { } next) continue;
            (kept.State, kept.Current) = (next, statement.Id);
        }
    }
}
