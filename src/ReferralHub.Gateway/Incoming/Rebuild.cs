using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// Learns again, after the database was lost, what we and others have said, in the order in which it took effect, and then
/// the feed from its beginning, where a gap shows. All of it is checked as if it came for the first time. What was sealed
/// stays sealed. Spec: docs/protocol.md §6.
/// </summary>
internal sealed class Rebuild(HubClient hub, FollowDirectory directory, AgencyId self, CustodyOf custody, TakeFeed feed, TimeProvider clock)
{
    /// <summary>Learns everything; what is known already stays. Can be run again.</summary>
    /// <returns>How many referrals are known.</returns>
    public async Task<int> RunAsync(GatewayDb db, CancellationToken ct)
    {
        for (long after = 0; await hub.GetHistoryAsync(after, ct) is { Count: > 0 } items; after = items[^1].Position)
        {
            foreach (var item in items)
            {
                if (item.Statements[0].Statement.Issuer == self) await TakeOursAsync(db, item, ct);
                else await feed.TakeAsync(db, item, position: null, ct);
            }
        }

        await feed.RunAsync(db, ct);
        return await db.Referrals.CountAsync(ct);
    }

    private async Task TakeOursAsync(GatewayDb db, FeedItem item, CancellationToken ct)
    {
        var signed = item.Statements[0];
        if (!AuditEvent.TryRead(item.Event.Span, out var audit)) throw Untrue(signed);
        if (audit.Directory.Size > directory.Current.Size) await directory.RunAsync(db, hub, ct);
        if (item.Statements.Count != 1 || audit.Event != TakeFeed.EventAbout(signed.Statement.Kind) || audit.Statement != signed.Id
            || directory.Current.FindKey(self, signed.Jws.Kid, audit.Directory.Size) is not { } key || !signed.Jws.IsSignedBy(key))
        {
            throw Untrue(signed);
        }

        await db.Write(
            async () =>
            {
                if (await db.Statements.AnyAsync(s => s.Id == signed.Id, ct)) return;
                db.Statements.Add(new KeptStatement
                {
                    Id = signed.Id,
                    Kind = signed.Statement.Kind,
                    Referral = signed.Statement.About,
                    IsOurs = true,
                    Approves = (signed.Statement as Approval)?.Approves,
                    Token = signed.Jws.Token,
                    Fate = Fate.Effective,
                    HubTime = audit.At,
                    Event = item.Event.ToArray(),
                    Opening = item.Opening.ToArray(),
                });
                await ApplyAsync(db, signed, audit.At, ct);
            },
            ct);
    }

    // As it was when we said it, but for what only we knew: what was sealed to ourselves is lost.
    private async Task ApplyAsync(GatewayDb db, SignedStatement signed, DateTimeOffset at, CancellationToken ct)
    {
        switch (signed.Statement)
        {
            case Agreement:
                if (!await Agreements.TryKeepAsync(db, signed, ct)) throw Untrue(signed);
                break;
            case Consent consent:
                db.Consents.Add(new KeptConsent { Id = consent.ConsentId, Statement = signed.Id, Issuer = self, To = consent.To, Case = consent.Case });
                break;
            case ConsentRevocation revocation:
                (await db.Consents.SingleAsync(c => c.Id == revocation.ConsentId, ct)).Revocation = signed.Id;
                await CustodyOf.RevokedAsync(db, revocation, at, ct);
                foreach (var answered in await db.Referrals.Where(r => r.Consent == revocation.ConsentId).ToListAsync(ct)) await AnsweredAsync(db, answered.Id, AlarmCode.RevocationTold, ct);
                break;
            case Referral referral:
                // Whom it excludes stood in the summary, which is sealed to the other side.
                SendReferral.Keep(db, signed.Id, referral, sealedCategories: null, sealedExclusions: null, clock.GetUtcNow(), held: false, visibleTo: Exclusions.LeadsOnly);
                break;
            case FollowUp follow:
                await FollowAsync(db, await db.Referrals.SingleAsync(r => r.Id == follow.Referral, ct), follow, at, ct);
                break;
        }
    }

    private async Task FollowAsync(GatewayDb db, KeptReferral referral, FollowUp follow, DateTimeOffset at, CancellationToken ct)
    {
        switch (follow)
        {
            case RevocationNotice:
                referral.Locked ??= CustodyOf.Told;
                break;
            case LegalHold or ErasureReceipt:
                // The hub took a hold of ours only with its approval.
                await custody.TakeAsync(db, follow, approved: true, at, ct);
                if (referral.Erased) (referral.Locked, referral.VisibleTo) = (CustodyOf.Erased, Exclusions.LeadsOnly);
                if (follow is ErasureReceipt) await AnsweredAsync(db, referral.Id, AlarmCode.ConsentRevoked, ct);
                break;
        }

        foreach (var part in follow.Brings)
            db.Parts.Add(new KeptPart { Sha256 = part.Sha256, Referral = referral.Id, Part = part.Part, Size = part.Size, SealedTo = referral.Other, Held = false });
        if (follow.Does is not null) await Story.RetellAsync(db, referral, ct);
    }

    // What somebody here has answered since is nobody's alarm any more.
    private static async Task AnsweredAsync(GatewayDb db, Guid referral, AlarmCode code, CancellationToken ct) =>
        db.Alarms.RemoveRange(await db.Alarms.Where(a => a.Referral == referral && a.Code == code).ToListAsync(ct));

    private static HubAnswerException Untrue(SignedStatement signed) => new($"The hub says that we stated {signed.Id}, and cannot show it.");
}
