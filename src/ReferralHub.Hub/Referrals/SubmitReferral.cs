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
        intake.Take<Referral>(submission, caller, null, (submitted, token) => Rule(db, submitted, token), ct);

    /// <summary>Rules on a referral, and keeps it.</summary>
    internal static async Task<Ruling> Rule(HubDb db, Submitted<Referral> submitted, CancellationToken ct)
    {
        var (id, referral) = (submitted.Id, submitted.Statement);
        var eraseAt = await ConsentLedger.EraseAt(db, referral, submitted.At, ct);
        var facts = new Facts(
            await db.Set<ReferralRecord>().AnyAsync(r => r.Id == referral.ReferralId, ct),
            referral.Replaces is { } replaced && await ReferralRecord.Find(db, replaced, referral.Issuer, ct) is { } old
                && old.Sender == referral.Issuer && Handoff.IsTerminal(old.State),
            [
                await SealedParts.Claim(db, referral.Issuer, referral.Parts[0], referral.ReferralId, eraseAt, held: false, submitted.Again, ct),
                await SealedParts.Claim(db, referral.Issuer, referral.Parts[1], referral.ReferralId, eraseAt, held: false, submitted.Again, ct),
            ]);
        if (Check(referral, facts, submitted.At) is { } refusal) return new Refused(refusal);

        var decision = await ConsentLedger.Decide(db, referral, id, submitted.Directory, submitted.At, ct);
        if (!decision.Permit) return Refused.By(decision);

        db.Add(ReferralRecord.From(referral, id, eraseAt));
        if (decision.Review is not null)
        {
            var table = await ConsentLedger.Clocks(db, referral.Issuer, referral.To, submitted.Directory, ct);
            OwedRecord.Start(db, referral.ReferralId, ClockKind.Review, submitted.At.AddSeconds(table.Review.Seconds));
        }

        await RunningClocks.Start(db, referral, id, submitted.Directory, submitted.At, ct);
        return new Effective(referral.To)
        {
            State = Handoff.Start.State,
            SetsState = true,
            Decision = decision,
            With = await ConsentLedger.FindConsentStatement(db, referral.Consent, ct),
            Approval = await ConsentLedger.FindApproval(db, id, referral.Issuer, referral.By, ct),
        };
    }

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
