using ReferralHub.Gateway;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Alerts;
using ReferralHub.Gateway.Claims;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Duty;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Gateway.Screening;

var root = Cli.Root(
    "The gateway of one agency: it holds the keys, seals and opens referrals, and keeps what it did.",
    [
        Cli.Group("registrar", "Admit agencies: offline, by a lead agency.", RegistrarInit.Command(), RegistrarSign.Command()),
        Init.Command(),
        Join.Command(),
        RecoverAgency.Command(),
        Status.Command(),
        Doctor.Command(),
        AskHealth.Command(),
        Serve.Command(),
        Cli.Group("people", "Who works here.", [AddPerson.Command(), ListPeople.Command(), SetSecret.Command(), SetContact.Command(), .. DisablePerson.Commands()]),
        Cli.Group("agreement", "Under which terms referrals go.", ProposeAgreement.Command(), AcceptAgreement.Command(), ListAgreements.Command()),
        Cli.Group("consent", "What grantors agreed to.", RecordConsent.Command(), RevokeConsent.Command(), ListConsents.Command()),
        AgencyExclusions.Command(),
        SendReferral.Command(),
        PlaceHold.Command(),
        ListRefusals.Command(),
        ShowAccount.Command(),
        Resend.Command(),
        Sync.Command(),
        ListReferrals.Inbox(),
        ListReferrals.Sent(),
        ShowReferral.Command(),
        ReadSummary.Command(),
        Accept.Command(),
        Decline.Command(),
        ListAlternatives.Command(),
        OpenRecord.Command(),
        Complete.Command(),
        Fail.Command(),
        Close.Command(),
        Withdraw.Command(),
        ChangeUrgency.Command(),
        ReadLetters.Command(),
        Cli.Group("envelope", "Sealed parts as files.", ExportEnvelope.Command()),
        Cli.Group("keys", "The agency's keys.", ExportKeys.Command(), RotateKeys.Command(), RevokeKey.Command(), ChangeRecovery.Command(), ListKeys.Command(), RestoreKeys.Command()),
        Cli.Group("evidence", "Proof for others.", ExportEvidence.Command()),
        Cli.Group("form", "How a referral is written.", FormSchemaCommand.Command()),
        ShowCodes.Command(),
        AnswerIndicators.Command(),
        ShowReceipts.Command(),
        ShowDirectory.Command(),
        Cli.Group("profile", "What this agency offers.", SetProfile.Command()),
        Cli.Group("capacity", "Whether this agency can take somebody.", SetCapacity.Command()),
        Cli.Group("duty", "Who is on duty.", AddShift.Command(), RemoveShift.Command(), ListShifts.Command()),
        ListAlarms.Command(),
        Cli.Group("shift", "When people come and go.", EndShift.Command()),
        .. ClaimReferral.Commands(),
        .. PlainActs.Commands(),
        .. Approve.Commands(),
        .. AnswerRevocation.Commands(),
        .. Write.Commands(),
    ]);

Private.ByDefault();
using var termination = new Termination();
return await Cli.RunAsync(root, args, termination.Token);
