using ReferralHub.Hub.Clocks;
using ReferralHub.Hub.Parts;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Referrals;

/// <summary>How both parties' acts move a referral: the one place that decides. Spec: docs/protocol.md §3.2, §3.4.</summary>
internal static class SetState
{
    /// <summary>Rules on an act of either party, and does what it says.</summary>
    public static async Task<Ruling> Rule<T>(HubDb db, Submitted<T> submitted, CancellationToken ct)
        where T : FollowUp
    {
        var said = submitted.Statement;
        var act = said.Does ?? throw new ArgumentException("Nothing is done by this.", nameof(submitted));
        if (await ReferralRecord.Find(db, said.Referral, said.Issuer, ct) is not { } referral) return new Refused(Refusal.NotFound);

        var party = referral.PartyOf(said.Issuer);
        var seen = Handoff.SetsState(act) ? said.After == referral.After : await referral.HasSeen(db, said.After, ct);
        if (Check(referral, party, act, seen, submitted.At) is { } refusal) return new Refused(refusal) { Standing = referral.Standing };
        if (said.Concerns is { } named && (await SealedParts.Find(db, referral.Id, named.Sha256, ct))?.Part != named.Part)
            return new Refused(Refusal.PartDiffers);

        var decision = ConsentCheck.Guards(said) ? await referral.CheckConsent(db, submitted, ct) : null;
        if (decision is { Permit: false }) return Refused.By(decision);

        foreach (var part in said.Brings)
        {
            var claim = await SealedParts.Claim(db, said.Issuer, part, referral.Id, referral.EraseAt, referral.Custody.IsHeld, submitted.Again, ct);
            if (claim.ToRefusal() is { } missing) return new Refused(missing);
        }

        referral.Move(submitted.Id, party, act, (said as SenderAct)?.Urgency);
        await RunningClocks.Move(
            db, referral.Id, act, (referral.State, referral.After), referral.Urgency, submitted.Directory, submitted.At, ct);
        await Retention.Begin(db, referral, submitted.At, ct);
        return new Effective(referral.Facing(said.Issuer))
        {
            Act = act,
            State = referral.State,
            SetsState = Handoff.SetsState(act),
            Decision = decision,
        };
    }

    /// <summary>Why <paramref name="act"/> does not take effect, or null. Pure.</summary>
    /// <param name="referral">Where it stands.</param>
    /// <param name="party">Who acts.</param>
    /// <param name="act">The act.</param>
    /// <param name="seen">Whether the statement comes after one that it may come after.</param>
    /// <param name="at">The hub's time.</param>
    internal static Refusal? Check(ReferralRecord referral, Party party, HandoffAct act, bool seen, DateTimeOffset at)
    {
        if (!seen) return Refusal.Stale;
        if (Handoff.Next(referral.Position, party, act) is null) return Refusal.OutOfTurn;
        return act is HandoffAct.Accepted && Handoff.IsTooLate(referral.Urgency, referral.Expires, at) ? Refusal.ReferralExpired : null;
    }
}
