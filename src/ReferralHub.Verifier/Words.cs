using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Verifier;

/// <summary>An act in a few words, in printable ASCII.</summary>
internal static class Words
{
    public static string What(StoryAct act) => act.Statement switch
    {
        Agreement { Accepts: null } => "proposed the agreement",
        Agreement => "accepted the agreement",
        Profile => "published when it is open",
        Consent consent => $"recorded the consent: {Code.Text(consent.Status)}",
        Referral { Basis: not Basis.Consent } referral => $"sent the referral: {Code.Text(referral.Service)}, {Code.Text(referral.Urgency)}, without consent: {Code.Text(referral.Basis)}",
        Referral referral => $"sent the referral: {Code.Text(referral.Service)}, {Code.Text(referral.Urgency)}",
        ConsentRevocation => "revoked the consent",
        RevocationNotice => "was told that the consent is revoked",
        Approval approval => $"approved, as a second person: {approval.By}",
        LegalHold hold => $"legal hold {Code.Text(hold.Act)}",
        ErasureReceipt { Ground: { } ground } => $"keeps what was revoked: {Code.Text(ground)}",
        ErasureReceipt => "erased what it had received",
        Acknowledgement { Fault: { } fault, Part: { } part } => $"found the {Code.Text(part)} wrong: {Code.Text(fault)}",
        Acknowledgement { Fault: { } fault } => $"could not take it: {Code.Text(fault)}",
        Acknowledgement { Failure: { } failure } => $"failed: {Code.Text(failure)}",
        Acknowledgement { Reason: { } reason } => $"declined: {Code.Text(reason)}",
        Acknowledgement { Outcome: { } outcome } => $"completed: {Code.Text(outcome)}",
        Acknowledgement { ExpectedBy: { } expected } => $"accepted: expected by {WireTime.Text(expected)}",
        SenderAct { Reason: { } reason, Act: var withdrawn } => $"{Code.Text(withdrawn)}: {Code.Text(reason)}",
        SenderAct { Urgency: { } urgency, UrgencyReason: { } because } => $"changed the urgency to {Code.Text(urgency)}: {Code.Text(because)}",
        { Does: { } done } => Code.Text(done),
        ReleaseRequest request => $"was handed the {Code.Text(request.Part)}",
        Access { BreakGlass: { } glass } access => $"{Code.Text(access.Act)} the {Code.Text(access.Part)}, breaking the glass: {Code.Text(glass)}",
        Access { Act: AccessAct.AttachmentSaved } access => $"saved an attachment of the {Code.Text(access.Part)}",
        Access access => $"{Code.Text(access.Act)} the {Code.Text(access.Part)}",
        HubAct { Chain: ClockStep.Reminder, Clock: { } clock } => $"half of the time is over: {Code.Text(clock)}",
        HubAct { Chain: { } step, Clock: { } clock } => $"overdue: {Code.Text(clock)}, {Code.Text(step)}",
        CoordinatorAct coordinated => $"coordinator: {Code.Text(coordinated.Act)}",
        { } other => Code.Text(other.Kind),
        _ => act.Event switch
        {
            AuditEventCode.Refused => $"was refused: {act.Refusal ?? "no reason recorded"}",
            AuditEventCode.PartErased => "erased a sealed part",
            _ => "took evidence",
        },
    };

    public static string What(DisclosureMatch match) => match switch
    {
        DisclosureMatch.Paired => "both ends agree",
        DisclosureMatch.NotReleased => "never handed over",
        DisclosureMatch.NotOpened => "handed over, no opening recorded",
        DisclosureMatch.OpenedUnreleased => "OPENED BEFORE IT WAS HANDED OVER",
    };
}
