using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Parts;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Referrals;

/// <summary>
/// <c>POST /v1/consent-revocations</c>: the agency that obtained a consent says that the grantor took it back. From this write on
/// nothing more is released under it, and what the hub holds of it is erased. The recipient hears of it if it has heard of the
/// consent. Spec: docs/protocol.md §3.8.
/// </summary>
internal static class RevokeConsent
{
    public static void Map(RouteGroupBuilder revocations) =>
        revocations.MapStatement("", Handle, "consent-revocation", "Say that the grantor took a consent back");

    internal static Task<Results<ContentHttpResult, ProblemHttpResult>> Handle(
        Submission submission, Caller caller, Intake intake, HubDb db, CancellationToken ct) =>
        intake.Take<ConsentRevocation>(submission, caller, null, (submitted, token) => Rule(db, submitted, token), ct);

    /// <summary>Rules on a revocation, and does what it says.</summary>
    internal static async Task<Ruling> Rule(HubDb db, Submitted<ConsentRevocation> submitted, CancellationToken ct)
    {
        var said = submitted.Statement;
        if (await ConsentLedger.Revoke(db, said, submitted.Id, ct) is { } refusal) return new Refused(refusal);

        var naming = await db.Set<ReferralRecord>().Where(r => r.Consent == said.ConsentId).ToListAsync(ct);
        // What rests on another basis is not stopped; that it goes on all the same is in the next decision's event.
        foreach (var referral in naming.Where(r => r.Basis is Basis.Consent))
        {
            referral.Revoke(submitted.At, await WasReleased(db, referral, ct));
            if (referral.ErasureDue is { } due) OwedRecord.Start(db, referral.Id, ClockKind.Erase, due);
            await SealedParts.EraseFrom(db, referral.Id, submitted.At, ct);
        }

        return new Effective(said.To) { Tell = naming.Count > 0 };
    }

    private static Task<bool> WasReleased(HubDb db, ReferralRecord referral, CancellationToken ct) =>
        db.Set<AuditRecord>().AnyAsync(r => r.Referral == referral.Id && r.Code == AuditEventCode.PartReleased && r.Agency == referral.Recipient, ct);
}
