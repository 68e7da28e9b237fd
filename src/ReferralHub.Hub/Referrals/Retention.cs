using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Parts;
using ReferralHub.Protocol.Handoffs;

namespace ReferralHub.Hub.Referrals;

/// <summary>
/// How long the sealed parts of a referral stay once it is over: as many days as the agreement says, and no longer than its consent
/// does. <see cref="SweepParts"/> erases them then, unless a party holds them. Spec: docs/protocol.md §4.4.
/// </summary>
internal static class Retention
{
    /// <summary>Begins the days in the write that moved the referral, if that ended it. Again it changes nothing, for the days only get fewer.</summary>
    public static async Task Begin(HubDb db, ReferralRecord referral, DateTimeOffset at, CancellationToken ct)
    {
        if (!Handoff.IsTerminal(referral.State)) return;
        if (await ConsentLedger.EraseAfterEnd(db, referral.Sender, referral.Recipient, at, ct) is { } until) await SealedParts.EraseBy(db, referral.Id, until, ct);
    }
}
