using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Hub.Parts;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Referrals;

/// <summary>
/// <c>POST /v1/referrals/{ref}/accesses</c>: a gateway says that a person looked at content or took it out. The hub cannot see
/// whether that is so; it keeps the statement and tells the other party. Spec: docs/protocol.md §3.3.
/// </summary>
internal static class RecordAccess
{
    public static void Map(RouteGroupBuilder referrals) =>
        referrals.MapStatement("/{ref}/accesses", Handle, "access", "Say that a person looked at content or took it out");

    internal static Task<Results<ContentHttpResult, ProblemHttpResult>> Handle(
        string @ref, Submission submission, Caller caller, Intake intake, HubDb db, CancellationToken ct) =>
        intake.Take<Access>(submission, caller, @ref, (submitted, token) => Rule(db, submitted, token), ct);

    /// <summary>Rules on an access.</summary>
    internal static async Task<Ruling> Rule(HubDb db, Submitted<Access> submitted, CancellationToken ct)
    {
        var said = submitted.Statement;
        if (await ReferralRecord.Find(db, said.Referral, said.Issuer, ct) is not { } referral)
            return new Refused(Refusal.NotFound);
        if (!await referral.HasSeen(db, said.After, ct))
            return new Refused(Refusal.Stale) { Standing = referral.Standing };

        // Later than the act is fine, as when a gateway was offline; of another part than the referral has is not.
        if ((await SealedParts.Find(db, referral.Id, said.Sha256, ct))?.Part != said.Part) return new Refused(Refusal.PartDiffers);

        return new Effective(referral.Facing(said.Issuer)) { State = referral.State };
    }
}
