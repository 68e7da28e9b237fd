using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Parts;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Referrals;

/// <summary>
/// <c>POST /v1/referrals/{ref}/legal-holds</c>: a party must keep what belongs to a referral, or need not any more. Takes two
/// people; meanwhile the hub erases nothing of it. Spec: docs/protocol.md §3.8.
/// </summary>
internal static class HoldReferral
{
    public static void Map(RouteGroupBuilder referrals) =>
        referrals.MapStatement("/{ref}/legal-holds", Handle, "legal-hold", "Keep what belongs to a referral from being erased, or stop keeping it");

    internal static Task<Results<ContentHttpResult, ProblemHttpResult>> Handle(
        string @ref, Submission submission, Caller caller, Intake intake, HubDb db, CancellationToken ct) =>
        intake.Take<LegalHold>(submission, caller, @ref, (submitted, token) => Rule(db, submitted, token), ct);

    /// <summary>Rules on a hold, and does what it says.</summary>
    internal static async Task<Ruling> Rule(HubDb db, Submitted<LegalHold> submitted, CancellationToken ct)
    {
        var said = submitted.Statement;
        if (await ReferralRecord.Find(db, said.Referral, said.Issuer, ct) is not { } referral)
            return new Refused(Refusal.NotFound);
        if (!await referral.HasSeen(db, said.After, ct))
            return new Refused(Refusal.Stale) { Standing = referral.Standing };

        var approval = await ConsentLedger.FindApproval(db, submitted.Id, said.Issuer, said.By, ct);
        if (approval is null) return new Refused(Refusal.NotApproved);
        if (referral.Custody.Next(referral.PartyOf(said.Issuer), said, approved: true) is not { } next) return new Refused(Refusal.CustodyForbids);

        referral.Keep(next, answers: false);
        await SealedParts.Hold(db, referral.Id, next.IsHeld, ct);
        return new Effective(referral.Facing(said.Issuer)) { State = referral.State, Approval = approval };
    }
}
