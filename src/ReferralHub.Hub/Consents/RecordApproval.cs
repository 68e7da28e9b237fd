using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Consents;

/// <summary>
/// <c>POST /v1/approvals</c>: a second person stands behind a statement that comes next. The other party hears of it with
/// that one. Spec: docs/protocol.md §3.3.
/// </summary>
internal static class RecordApproval
{
    public static void Map(RouteGroupBuilder approvals) =>
        approvals.MapStatement("", Handle, "approval", "Approve, as a second person, a statement that comes next");

    internal static Task<Results<ContentHttpResult, ProblemHttpResult>> Handle(
        Submission submission, Caller caller, Intake intake, HubDb db, CancellationToken ct) =>
        intake.Take<Approval>(submission, caller, null, (submitted, _) => Task.FromResult(Rule(db, submitted)), ct);

    /// <summary>Keeps an approval: what it is worth shows when the statement comes.</summary>
    internal static Ruling Rule(HubDb db, Submitted<Approval> submitted)
    {
        db.Add(new ApprovalRecord { Statement = submitted.Id, Approves = submitted.Statement.Approves });
        return new Effective(submitted.Statement.To) { Tell = false };
    }
}
