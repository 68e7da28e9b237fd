using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Hub.Parts;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Referrals;

/// <summary>
/// <c>POST /v1/referrals/{ref}/acknowledgements</c>: the recipient moves a referral. With <c>accepted</c> responsibility
/// passes, with <c>completed</c> a sealed note goes back. Spec: docs/protocol.md §3.3, §3.4.
/// </summary>
internal static class Acknowledge
{
    public static void Map(RouteGroupBuilder referrals) =>
        referrals.MapStatement("/{ref}/acknowledgements", Handle, "acknowledgement", "Move a referral as its recipient");

    internal static Task<Results<ContentHttpResult, ProblemHttpResult>> Handle(
        string @ref, Submission submission, Caller caller, Intake intake, HubDb db, CancellationToken ct) =>
        intake.Take<Acknowledgement>(submission, caller, @ref, async (submitted, token) =>
        {
            var said = submitted.Statement;
            if (await ReferralRecord.Find(db, said.Referral, caller.Agency, token) is not { } referral)
                return new Refused(Refusal.NotFound);
            if (Check(referral, said, submitted.At) is { } refusal)
                return new Refused(refusal) { Standing = referral.Standing };

            var decision = ConsentCheck.Guards(said) ? await referral.CheckConsent(db, submitted, token) : null;
            if (decision is { Permit: false }) return Refused.By(decision);

            if (said.Parts is [var note])
            {
                var claim = note.Sha256 == referral.Summary || note.Sha256 == referral.Record
                    ? PartClaim.Taken
                    : await SealedParts.Claim(db, said.Issuer, note.Sha256, note.Size, referral.Id, token);
                if (claim.ToRefusal() is { } missing) return new Refused(missing);
                referral.Note = note.Sha256;
            }

            return SetState.Apply(referral, submitted, said.Act) with { Decision = decision };
        }, ct);

    /// <summary>Why the recipient's act does not move the referral, or null. Pure.</summary>
    internal static Refusal? Check(ReferralRecord referral, Acknowledgement said, DateTimeOffset at)
    {
        if (SetState.Check(referral.Standing, referral.PartyOf(said.Issuer), said.Act, said.After) is { } refusal) return refusal;
        return said.Act is HandoffAct.Accepted && at >= referral.Expires ? Refusal.ReferralExpired : null;
    }
}
