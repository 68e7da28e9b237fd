using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Outbox;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Statements;

/// <summary>What the hub itself says about a referral. Spec: docs/protocol.md §3.3.</summary>
internal static class HubStatement
{
    /// <summary>Adds the statement, its event and a message to each party to the write that is under way.</summary>
    /// <param name="db">The context of the write.</param>
    /// <param name="signed">A hub-act or coordinator-act about a referral.</param>
    /// <param name="state">The referral's state after it.</param>
    /// <param name="sender">One party.</param>
    /// <param name="recipient">The other.</param>
    /// <param name="opening">The event's opening where it has one already.</param>
    /// <returns>The event.</returns>
    public static AuditRecord Store(HubDb db, SignedStatement signed, HandoffState state, AgencyId sender, AgencyId recipient, byte[]? opening = null)
    {
        var said = signed.Statement;
        var happened = db.Record(
            new AuditEvent
            {
                Event = AuditEventCode.StatementRecorded,
                At = said.IssuedAt,
                Directory = said.Directory,
                Referral = said.About,
                Statement = signed.Id,
                Kind = said.Kind,
                Act = said.Does,
                State = state,
            },
            recipient,
            sender,
            opening);
        db.Add(new StoredStatement { Id = signed.Id, Referral = said.About, SetsState = said.Does is { } act && Handoff.SetsState(act), Token = signed.Jws.Token, Event = happened });
        foreach (var party in new[] { sender, recipient })
            db.Publish(new StatementRecorded(signed.Id, party), said.About.ToString()!);
        return happened;
    }
}
