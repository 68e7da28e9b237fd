using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Referrals;

/// <summary>
/// <c>POST /v1/referrals/{ref}/sender-acts</c>: the sender, having read the outcome, closes the loop.
/// Spec: docs/protocol.md §3.3, §3.4.
/// </summary>
internal static class ActAsSender
{
    public static void Map(RouteGroupBuilder referrals) =>
        referrals.MapStatement("/{ref}/sender-acts", Handle, "sender-act", "Move a referral as its sender");

    internal static Task<Results<ContentHttpResult, ProblemHttpResult>> Handle(
        string @ref, Submission submission, Caller caller, Intake intake, HubDb db, CancellationToken ct) =>
        intake.Take<SenderAct>(submission, caller, @ref, async (submitted, token) =>
        {
            var said = submitted.Statement;
            if (await ReferralRecord.Find(db, said.Referral, caller.Agency, token) is not { } referral)
                return new Refused(Refusal.NotFound);
            if (SetState.Check(referral.Standing, referral.PartyOf(said.Issuer), said.Act, said.After) is { } refusal)
                return new Refused(refusal) { Standing = referral.Standing };

            return SetState.Apply(referral, submitted, said.Act);
        }, ct);
}
