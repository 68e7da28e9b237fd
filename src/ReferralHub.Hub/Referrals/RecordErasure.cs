using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Hub.Parts;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Referrals;

/// <summary>
/// <c>POST /v1/referrals/{ref}/erasure-receipts</c>: the recipient has erased what it received, or says why it keeps it. The
/// hub then erases its own copy, unless the sender must keep it. Spec: docs/protocol.md §3.8.
/// </summary>
internal static class RecordErasure
{
    public static void Map(RouteGroupBuilder referrals) =>
        referrals.MapStatement("/{ref}/erasure-receipts", Handle, "erasure-receipt", "Say that what was received is erased, or why it is kept");

    internal static Task<Results<ContentHttpResult, ProblemHttpResult>> Handle(
        string @ref, Submission submission, Caller caller, Intake intake, HubDb db, CancellationToken ct) =>
        intake.Take<ErasureReceipt>(submission, caller, @ref, (submitted, token) => Rule(db, submitted, token), ct);

    /// <summary>Rules on a receipt, and does what it says.</summary>
    internal static async Task<Ruling> Rule(HubDb db, Submitted<ErasureReceipt> submitted, CancellationToken ct)
    {
        var said = submitted.Statement;
        if (await ReferralRecord.Find(db, said.Referral, said.Issuer, ct) is not { } referral)
            return new Refused(Refusal.NotFound);
        if (!await referral.HasSeen(db, said.After, ct))
            return new Refused(Refusal.Stale) { Standing = referral.Standing };

        if (referral.Custody.Next(referral.PartyOf(said.Issuer), said, approved: false) is not { } next) return new Refused(Refusal.CustodyForbids);

        referral.Keep(next, answers: true);
        await OwedRecord.Settle(db, referral.Id, ClockKind.Erase, ct);
        if (next.IsErased) await SealedParts.EraseFrom(db, referral.Id, submitted.At, ct);
        return new Effective(referral.Sender) { State = referral.State };
    }
}
