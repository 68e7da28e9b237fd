using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Referrals;

/// <summary>
/// <c>POST /v1/referrals/{ref}/sender-acts</c>: the sender answers, takes back, changes the urgency or, having read the
/// outcome, closes the loop. Spec: docs/protocol.md §3.3, §3.4.
/// </summary>
internal static class ActAsSender
{
    public static void Map(RouteGroupBuilder referrals) =>
        referrals.MapStatement("/{ref}/sender-acts", Handle, "sender-act", "Move a referral as its sender");

    internal static Task<Results<ContentHttpResult, ProblemHttpResult>> Handle(
        string @ref, Submission submission, Caller caller, Intake intake, HubDb db, CancellationToken ct) =>
        intake.Take<SenderAct>(submission, caller, @ref, (submitted, token) => SetState.Rule(db, submitted, token), ct);
}
