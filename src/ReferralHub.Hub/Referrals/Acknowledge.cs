using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Referrals;

/// <summary>
/// <c>POST /v1/referrals/{ref}/acknowledgements</c>: the recipient moves a referral or tells how it goes. With <c>accepted</c>
/// responsibility passes, with an outcome it goes back. Spec: docs/protocol.md §3.3, §3.4.
/// </summary>
internal static class Acknowledge
{
    public static void Map(RouteGroupBuilder referrals) =>
        referrals.MapStatement("/{ref}/acknowledgements", Handle, "acknowledgement", "Move a referral as its recipient");

    internal static Task<Results<ContentHttpResult, ProblemHttpResult>> Handle(
        string @ref, Submission submission, Caller caller, Intake intake, HubDb db, CancellationToken ct) =>
        intake.Take<Acknowledgement>(submission, caller, @ref, (submitted, token) => SetState.Rule(db, submitted, token), ct);
}
