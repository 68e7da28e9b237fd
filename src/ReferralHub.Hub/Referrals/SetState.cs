using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Handoffs;

namespace ReferralHub.Hub.Referrals;

/// <summary>How both parties' acts move a referral. Spec: docs/protocol.md §3.2, §3.4.</summary>
internal static class SetState
{
    /// <summary>Why <paramref name="act"/> does not move the referral, or null. Pure.</summary>
    /// <param name="now">Where it stands.</param>
    /// <param name="party">Who acts.</param>
    /// <param name="act">The act.</param>
    /// <param name="after">The last statement that the party had seen.</param>
    internal static Refusal? Check(Standing now, Party party, HandoffAct act, Digest after)
    {
        if (after != now.After) return Refusal.Stale;
        return Handoff.Next(now.State, party, act) is null ? Refusal.OutOfTurn : null;
    }

    /// <summary>Moves the referral.</summary>
    /// <param name="referral">One that <see cref="Check"/> lets move.</param>
    /// <param name="submitted">The statement that moves it.</param>
    /// <param name="act">Its act.</param>
    public static Effective Apply<T>(ReferralRecord referral, Submitted<T> submitted, HandoffAct act)
        where T : Protocol.Statements.FollowUp
    {
        var issuer = submitted.Statement.Issuer;
        referral.State = Handoff.Next(referral.State, referral.PartyOf(issuer), act)
            ?? throw new ArgumentException("Ask Check first.", nameof(act));
        referral.After = submitted.Id;
        return new Effective(referral.Facing(issuer)) { Act = act, State = referral.State, SetsState = true };
    }
}
