using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// Hands in again what the hub had taken and, restored from a backup, does not have: as something new, which it judges anew. What
/// it refuses then is undone here and shown, as any refusal is. Spec: docs/protocol.md §4.7.
/// </summary>
internal static class Resubmit
{
    // Profiles and capacities have no id; their next change would bring them anyway.
    private static readonly Guid Others = Guid.Empty;

    /// <summary>Queues a statement of ours again; nothing happens for another's, or where the hub was never restored.</summary>
    /// <returns>Whether it waits for the hub now.</returns>
    public static Task<bool> RunAsync(GatewayDb db, KeptStatement lacking, TimeProvider clock, CancellationToken ct) => db.Write(
        async () =>
        {
            // A request was answered with its part: it is over.
            if (!lacking.IsOurs || lacking.Kind is StatementKind.ReleaseRequest
                || !await db.LogHeads.AnyAsync(h => h.Log == HubLog.Audit && h.Number > 1, ct)
                || await db.Outbox.AnyAsync(o => o.Statement == lacking.Id, ct))
            {
                return false;
            }

            var kept = await db.Statements.SingleAsync(s => s.Order == lacking.Order, ct);
            (kept.Fate, kept.HubReceipt, kept.HubTime, kept.Event, kept.Opening, kept.Proof) = (Fate.Waiting, null, null, null, null, null);
            var statement = kept.Read().Statement;
            db.Outbox.Add(new OutboxItem { Stream = await StreamAsync(db, statement, ct), Statement = kept.Id, Needs = await NeedsAsync(db, statement, ct), NotBefore = clock.GetUtcNow() });
            return true;
        },
        ct);

    // As when it was said: an approval before what it approves.
    private static async Task<Guid> StreamAsync(GatewayDb db, Statement statement, CancellationToken ct) => statement switch
    {
        { About: { } referral } => referral,
        Agreement agreement => agreement.AgreementId,
        Consent consent => consent.ConsentId,
        ConsentRevocation revocation => revocation.ConsentId,
        Approval approval => await db.Statements.Where(s => s.Id == approval.Approves).Select(s => s.Referral).SingleOrDefaultAsync(ct) ?? Others,
        _ => Others,
    };

    private static async Task<Cryptography.Encodings.Digest?> NeedsAsync(GatewayDb db, Statement statement, CancellationToken ct) =>
        statement is Referral { Consent: { } consent } ? await db.Consents.Where(c => c.Id == consent).Select(c => (Cryptography.Encodings.Digest?)c.Statement).SingleOrDefaultAsync(ct) : null;
}
