using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// What the other side says about revocation, holds and erasure: the content is locked in the transaction in which the word
/// comes, and whoever must act is told. Spec: docs/protocol.md §3.8.
/// </summary>
internal sealed class CustodyOf(TimeProvider clock, ILogger<CustodyOf> log)
{
    /// <summary>The consent was taken back.</summary>
    public const string Revoked = "consent-revoked";

    /// <summary>The grantor told us that the consent is taken back; the sender has not revoked it yet.</summary>
    public const string Told = "revocation-told";

    /// <summary>Nothing of it is here any more.</summary>
    public const string Erased = "erased";

    /// <summary>Takes a revocation from the feed and locks what rests on that consent.</summary>
    /// <returns>False when we know no such consent of that sender.</returns>
    public async Task<bool> TakeRevocationAsync(GatewayDb db, Digest id, ConsentRevocation revocation, DateTimeOffset at, CancellationToken ct)
    {
        var kept = await db.Consents.SingleOrDefaultAsync(c => c.Id == revocation.ConsentId, ct);
        if (kept is null || !revocation.Revokes((Consent)(await db.Statements.SingleAsync(s => s.Id == kept.Statement, ct)).Read().Statement)) return false;
        kept.Revocation ??= id;
        foreach (var referral in await RelyingAsync(db, revocation.ConsentId, ct))
        {
            await RevokeAsync(db, referral, at, ct);
            if (referral.Erased) continue;
            referral.Locked = Revoked;
            if (referral.ErasureDue is { } due) await RaiseAsync(db, AlarmCode.ConsentRevoked, referral, due, ct);
        }

        return true;
    }

    /// <summary>Notes at the sender that its own revocation has taken effect: from then on the recipient owes an answer.</summary>
    public static async Task RevokedAsync(GatewayDb db, ConsentRevocation revocation, DateTimeOffset at, CancellationToken ct)
    {
        foreach (var referral in await RelyingAsync(db, revocation.ConsentId, ct)) await RevokeAsync(db, referral, at, ct);
    }

    /// <summary>Takes a hold, an erasure receipt or a notice of the other side.</summary>
    /// <returns>False when it could not say that.</returns>
    public async Task<bool> TakeAsync(GatewayDb db, Statement said, bool approved, DateTimeOffset at, CancellationToken ct)
    {
        var referral = await db.Referrals.SingleAsync(r => r.Id == said.About, ct);
        var party = referral.PartyOf(said.Issuer);
        if (said is RevocationNotice)
        {
            if (party is not Party.Recipient) return false;
            await RaiseAsync(db, AlarmCode.RevocationTold, referral, ErasureDue.Of(referral.Urgency, at), ct);
            return true;
        }

        if (referral.Custody.Next(party, said, approved) is not { } next) return false;
        referral.Custody = next;
        if (said is ErasureReceipt) referral.ErasureDue = null;
        return true;
    }

    /// <summary>Tells the revoker of recipients that have not answered in time.</summary>
    public async Task TellOverdueAsync(GatewayDb db, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var late = await db.Referrals.AsNoTracking().Where(r => r.Role == Party.Sender && r.ErasureDue < now).ToListAsync(ct);
        if (late.Count == 0) return;
        await db.Write(
            async () =>
            {
                foreach (var referral in late) await RaiseAsync(db, AlarmCode.ErasureOverdue, referral, referral.ErasureDue!.Value, ct);
            },
            ct);
    }

    private static Task<List<KeptReferral>> RelyingAsync(GatewayDb db, Guid consent, CancellationToken ct) =>
        db.Referrals.Where(r => r.Consent == consent && r.Basis == Basis.Consent).ToListAsync(ct);

    // As the hub counts: what it released to the recipient, be it held there or not; whoever got nothing owes nothing.
    private static async Task RevokeAsync(GatewayDb db, KeptReferral referral, DateTimeOffset at, CancellationToken ct)
    {
        if (referral.Revoked) return;
        referral.Revoked = true;
        var ours = referral.Role == Party.Recipient;
        var got = await db.Statements.AnyAsync(
            s => s.Referral == referral.Id && s.IsOurs == ours && s.Kind == StatementKind.ReleaseRequest && s.Fate == Fate.Effective, ct);
        if (got && !referral.Erased) referral.ErasureDue = ErasureDue.Of(referral.Urgency, at);
    }

    private Task RaiseAsync(GatewayDb db, AlarmCode code, KeptReferral referral, DateTimeOffset due, CancellationToken ct) => Alarms.RaiseAsync(
        db, new Alarm { At = clock.GetUtcNow(), Code = code, Referral = referral.Id, Detail = $"{WireId.Text(referral.Id)} by {WireTime.Text(due)}" }, log, ct);
}
