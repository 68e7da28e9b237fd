using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Consents;

/// <summary>
/// <c>POST /v1/consents</c>: an agency records what a grantor agreed to, or did not. The recipient hears of it with the
/// first referral that relies on it, and not before. Spec: docs/protocol.md §3.3.
/// </summary>
internal static class RecordConsent
{
    public static void Map(RouteGroupBuilder consents) =>
        consents.MapStatement("", Handle, "consent", "Record what a grantor agreed to, or did not");

    internal static Task<Results<ContentHttpResult, ProblemHttpResult>> Handle(
        Submission submission, Caller caller, Intake intake, HubDb db, CancellationToken ct) =>
        intake.Take<Consent>(submission, caller, null, (submitted, token) => Rule(db, submitted, token), ct);

    /// <summary>Rules on a consent, and keeps it.</summary>
    internal static async Task<Ruling> Rule(HubDb db, Submitted<Consent> submitted, CancellationToken ct)
    {
        var (id, consent) = (submitted.Id, submitted.Statement);
        if (await db.Set<ConsentRecord>().AnyAsync(c => c.Id == consent.ConsentId, ct)) return new Refused(Refusal.IdTaken);

        db.Add(new ConsentRecord { Id = consent.ConsentId, Statement = id });
        return new Effective(consent.To) { Tell = false };
    }
}
