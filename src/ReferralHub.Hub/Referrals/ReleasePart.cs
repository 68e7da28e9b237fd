using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Parts;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
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
            var asked = submitted.Statement;
            if (Intake.CheckRoom(submitted) is { } full) return intake.Refuse(submitted, new Refused(full));
            if (await ReferralRecord.Find(db, asked.Referral, caller.Agency, token) is not { } referral)
                return intake.Refuse(submitted, new Refused(Refusal.NotFound));
            if (!await referral.HasSeen(db, asked.After, token))
                return intake.Refuse(submitted, new Refused(Refusal.Stale) { Standing = referral.Standing });
            var part = await SealedParts.Find(db, referral.Id, asked.Sha256, token);
            if (Check(referral, asked, part?.Part) is { } refusal)
                return intake.Refuse(submitted, new Refused(refusal) { Standing = referral.Standing });

            if (part is { Whole: false }) return intake.Refuse(submitted, new Refused(Refusal.PartErased));

            var decision = ConsentCheck.Guards(asked) ? await referral.CheckConsent(db, submitted, token) : null;
            if (decision is { Permit: false }) return intake.Refuse(submitted, Refused.By(decision));

            var id = submitted.Id;
            if (await db.Set<StoredStatement>().AnyAsync(s => s.Id == id, token))
                return intake.Refuse(submitted, new Refused(Refusal.RequestUsed));

            Record(db, intake, referral, submitted, decision);
            return new SealedPartResult(db, part!);
        }, ct);

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

    private static void Record(
        HubDb db, Intake intake, ReferralRecord referral, Submitted<ReleaseRequest> submitted, ConsentDecision? decision)
    {
        var asked = submitted.Statement;
        var effect = new Effective(referral.Facing(asked.Issuer)) { State = referral.State, Decision = decision };
        var released = db.Record(
            new AuditEvent
            {
                Event = AuditEventCode.PartReleased,
                At = submitted.At,
                Directory = submitted.Directory.Head,
                Agency = asked.Issuer,
                Referral = referral.Id,
                Statement = submitted.Id,
                Kind = asked.Kind,
                State = referral.State,
                Decision = decision,
                Part = asked.Part,
                Sha256 = asked.Sha256,
            },
            effect.Other);
        intake.Store(submitted, released, null, effect);
    }
}
