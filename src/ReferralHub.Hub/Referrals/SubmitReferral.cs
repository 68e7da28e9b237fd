using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Clocks;
using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Parts;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Referrals;

/// <summary>
/// <c>POST /v1/referrals</c>: an agency hands over a referral whose sealed parts it has uploaded. The hub checks consent and
/// routing facts; it cannot open the parts. Spec: docs/protocol.md §3.3, §3.5.
/// </summary>
internal static class SubmitReferral
{
    public static void Map(RouteGroupBuilder referrals) =>
        referrals.MapStatement("", Handle, "referral", "Hand over a referral whose sealed parts are uploaded");

    internal static Task<Results<ContentHttpResult, ProblemHttpResult>> Handle(
        Submission submission, Caller caller, Intake intake, HubDb db, CancellationToken ct) =>
        intake.Take<Referral>(submission, caller, null, async (submitted, token) =>
        {
            var (id, referral) = (submitted.Id, submitted.Statement);
            var eraseAt = await ConsentLedger.EraseAt(db, referral, submitted.At, token);
            var facts = new Facts(
                await db.Set<ReferralRecord>().AnyAsync(r => r.Id == referral.ReferralId, token),
                referral.Replaces is { } replaced && await ReferralRecord.Find(db, replaced, caller.Agency, token) is { } old
                    && old.Sender == caller.Agency && Handoff.IsTerminal(old.State),
                [
                    await SealedParts.Claim(db, referral.Issuer, referral.Parts[0], referral.ReferralId, eraseAt, held: false, token),
                    await SealedParts.Claim(db, referral.Issuer, referral.Parts[1], referral.ReferralId, eraseAt, held: false, token),
                ]);
            if (Check(referral, facts, submitted.At) is { } refusal) return new Refused(refusal);

            var decision = await ConsentLedger.Decide(db, referral, id, submitted.Directory, submitted.At, token);
            if (!decision.Permit) return Refused.By(decision);

            db.Add(ReferralRecord.From(referral, id, eraseAt));
            if (decision.Review is not null)
            {
                var table = await ConsentLedger.Clocks(db, referral.Issuer, referral.To, submitted.Directory, token);
                OwedRecord.Start(db, referral.ReferralId, ClockKind.Review, submitted.At.AddSeconds(table.Review.Seconds));
            }

            await RunningClocks.Start(db, referral, id, submitted.Directory, submitted.At, token);
            return new Effective(referral.To)
            {
                State = Handoff.Start.State,
                SetsState = true,
                Decision = decision,
                With = await ConsentLedger.FindConsentStatement(db, referral.Consent, token),
                Approval = await ConsentLedger.FindApproval(db, id, referral.Issuer, referral.By, token),
            };
        }, ct);

    /// <summary>What the hub knows that the statement does not say.</summary>
    /// <param name="IdTaken">Whether there is a referral with this id.</param>
    /// <param name="ReplacesEnded">Whether the one it replaces is the sender's own and over.</param>
    /// <param name="Parts">What came of claiming each part.</param>
    internal sealed record Facts(bool IdTaken, bool ReplacesEnded, IReadOnlyList<PartClaim> Parts);

    /// <summary>Why the hub refuses the referral before it looks at consent, or null. Pure.</summary>
    internal static Refusal? Check(Referral referral, Facts facts, DateTimeOffset at)
    {
        if (facts.IdTaken) return Refusal.IdTaken;
        if (referral.Expires <= at || referral.Expires > at.AddDays(Limits.ReferralDays)) return Refusal.ExpiryOutside;
        if (referral.Replaces is not null && !facts.ReplacesEnded) return Refusal.ReplacesNotEnded;
        return facts.Parts.Select(claim => claim.ToRefusal()).FirstOrDefault(refusal => refusal is not null);
    }
}
