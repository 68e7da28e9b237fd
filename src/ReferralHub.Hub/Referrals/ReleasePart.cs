using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Parts;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Referrals;

/// <summary>
/// <c>POST /v1/referrals/{ref}/releases</c>: hands a sealed part to the party it is sealed to, if it may have it now. The
/// signed request is the receipt, so each is good for one release, decided anew. Spec: docs/protocol.md §3.6.
/// </summary>
internal static class ReleasePart
{
    public static void Map(RouteGroupBuilder referrals) => referrals.MapPost("/{ref}/releases", Handle)
        .WithName("release").WithSummary("Get a sealed part");

    internal static Task<Results<SealedPartResult, ProblemHttpResult>> Handle(
        string @ref, Submission submission, Caller caller, Intake intake, HubDb db, CancellationToken ct) =>
        intake.Settle<ReleaseRequest, SealedPartResult>(submission, caller, @ref, async (submitted, token) =>
        {
            if (Intake.CheckRoom(submitted) is { } full) return intake.Refuse(submitted, new Refused(full));
            var ruling = await Rule(db, submitted, token);
            if (ruling is not Effective effect) return intake.Refuse(submitted, (Refused)ruling);
            intake.Store(submitted, intake.Happen(submitted, effect), receipt: null, effect);
            return new SealedPartResult(db, (await SealedParts.Find(db, submitted.Statement.Referral, submitted.Statement.Sha256, token))!);
        }, ct);

    /// <summary>Rules on a request.</summary>
    internal static async Task<Ruling> Rule(HubDb db, Submitted<ReleaseRequest> submitted, CancellationToken ct)
    {
        var (id, asked) = (submitted.Id, submitted.Statement);
        if (await ReferralRecord.Find(db, asked.Referral, asked.Issuer, ct) is not { } referral) return new Refused(Refusal.NotFound);
        if (!await referral.HasSeen(db, asked.After, ct)) return new Refused(Refusal.Stale) { Standing = referral.Standing };
        var part = await SealedParts.Find(db, referral.Id, asked.Sha256, ct);
        if (Check(referral, asked, part?.Part) is { } refusal) return new Refused(refusal) { Standing = referral.Standing };

        // What a restored hub handed over before it need not have any more.
        if (part is { Whole: false } && !submitted.Again) return new Refused(Refusal.PartErased);

        var decision = ConsentCheck.Guards(asked) ? await referral.CheckConsent(db, submitted, ct) : null;
        if (decision is { Permit: false }) return Refused.By(decision);
        return await db.Set<StoredStatement>().AnyAsync(s => s.Id == id, ct)
            ? new Refused(Refusal.RequestUsed)
            : new Effective(referral.Facing(asked.Issuer)) { State = referral.State, Decision = decision };
    }

    /// <summary>Why the part is not handed over, whatever consent says, or null. Pure.</summary>
    /// <param name="referral">Where it stands.</param>
    /// <param name="asked">What is asked for.</param>
    /// <param name="found">What the referral has under that digest, if anything.</param>
    internal static Refusal? Check(ReferralRecord referral, ReleaseRequest asked, Part? found)
    {
        var party = referral.PartyOf(asked.Issuer);
        if (!Enum.GetValues<HandoffState>().Any(state => Handoff.MayRelease(state, party, asked.Part, referral.Release))) return Refusal.NotSealedToYou;
        if (!Handoff.MayRelease(referral.State, party, asked.Part, referral.Release)) return Refusal.NotReleasable;
        return found == asked.Part ? null : Refusal.PartDiffers;
    }
}
