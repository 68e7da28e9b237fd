using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Referrals;

/// <summary>
/// <c>POST /v1/referrals/{ref}/revocation-notices</c>: the recipient forwards that the grantor took the consent back. It is the
/// sender's to revoke: it obtained it. Spec: docs/protocol.md §3.8.
/// </summary>
internal static class NoticeRevocation
{
    public static void Map(RouteGroupBuilder referrals) =>
        referrals.MapStatement("/{ref}/revocation-notices", Handle, "revocation-notice", "Forward that the grantor took the consent back");

    internal static Task<Results<ContentHttpResult, ProblemHttpResult>> Handle(
        string @ref, Submission submission, Caller caller, Intake intake, HubDb db, CancellationToken ct) =>
        intake.Take<RevocationNotice>(submission, caller, @ref, (submitted, token) => Rule(db, submitted, token), ct);

    /// <summary>Rules on a notice.</summary>
    internal static async Task<Ruling> Rule(HubDb db, Submitted<RevocationNotice> submitted, CancellationToken ct)
    {
        var said = submitted.Statement;
        if (await ReferralRecord.Find(db, said.Referral, said.Issuer, ct) is not { } referral)
            return new Refused(Refusal.NotFound);
        if (!await referral.HasSeen(db, said.After, ct))
            return new Refused(Refusal.Stale) { Standing = referral.Standing };

        return referral.PartyOf(said.Issuer) is Party.Recipient
            ? new Effective(referral.Sender) { State = referral.State }
            : new Refused(Refusal.CustodyForbids);
    }
}
