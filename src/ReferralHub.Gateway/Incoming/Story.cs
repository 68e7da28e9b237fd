using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;

namespace ReferralHub.Gateway.Incoming;

/// <summary>What the statements about a referral add up to. Spec: docs/protocol.md §3.4.</summary>
internal static class Story
{
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
        (kept.State, kept.Current) = (Handoff.Start.State, kept.Statement);
        foreach (var statement in statements)
        {
            if (statement.Read().Statement.Does is not { } act) continue;
            if (kept.After(Handoff.ActorOf(act), act) is not { } next || !Handoff.SetsState(act)) continue;
            (kept.State, kept.Current) = (next, statement.Id);
        }
    }
}
