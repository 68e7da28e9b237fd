using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Consents;

/// <summary>Why a referral may not go, or go on.</summary>
public enum RefusalReason
{
    /// <summary>Sender or recipient is not active.</summary>
    AgencyNotActive,

    /// <summary>No agreement in force on this route.</summary>
    NoAgreement,

    /// <summary>The agreement's policy is not in the directory.</summary>
    PolicyUnknown,

    /// <summary>The policy does not know this basis.</summary>
    BasisNotAllowed,

    /// <summary>The consent is unknown.</summary>
    NoConsent,

    /// <summary>Another agency obtained the consent.</summary>
    ConsentOfAnother,

    /// <summary>The consent is about another case.</summary>
    CaseDiffers,

    /// <summary>The consent names another recipient.</summary>
    RecipientNotNamed,

    /// <summary>The grantor said no.</summary>
    ConsentDenied,

    /// <summary>The consent has run out, or lasts longer than the policy allows.</summary>
    ConsentExpired,

    /// <summary>The purpose is not among those of the consent and the agreement.</summary>
    PurposeOutside,

    /// <summary>The service is not among those of the consent.</summary>
    ServiceOutside,

    /// <summary>A category is not among those of the consent and the agreement.</summary>
    CategoryOutside,
}

/// <summary>All that the check looks at.</summary>
/// <param name="Referral">What is to go.</param>
/// <param name="Consent">The consent it names, if there is one.</param>
/// <param name="Agreement">The agreement between both that was accepted last and has this route, if there is one.</param>
/// <param name="Policy">The policy that the agreement names, if it is known.</param>
/// <param name="BothActive">Whether both agencies are active.</param>
/// <param name="Now">The time.</param>
public sealed record ConsentQuestion(
    Referral Referral, Consent? Consent, Agreement? Agreement, JurisdictionPolicy? Policy, bool BothActive, DateTimeOffset Now);

/// <summary>The answer, as audit events keep it.</summary>
/// <param name="Policy">Id and version of the policy it was made under, <c>none</c> if none was known.</param>
/// <param name="Permit">Whether it may go.</param>
/// <param name="Reasons">Every reason why not; empty with a permit.</param>
public sealed record ConsentDecision(string Policy, bool Permit, IReadOnlyList<RefusalReason> Reasons);

/// <summary>The consent check: pure, total, the same at submit, delivery and release, at hub, recipient and auditor. Spec: docs/protocol.md §3.5.</summary>
public static class ConsentCheck
{
    /// <summary>Whether a statement takes effect only with a permit: those by which content goes on towards the recipient.</summary>
    public static bool Guards(Statement statement) => statement switch
    {
        Referral or Acknowledgement { Act: HandoffAct.Delivered } => true,
        ReleaseRequest request => Guards(request.Part),
        _ => false,
    };

    /// <summary>Whether a part is handed over only with a permit. What comes back to the sender needs nobody's consent.</summary>
    public static bool Guards(Part part) => part switch
    {
        Part.Summary or Part.Record or Part.Answer => true,
        Part.Question or Part.Note => false,
    };

    /// <summary>Permits, or names every reason against.</summary>
    public static ConsentDecision Decide(ConsentQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        RefusalReason[] reasons = [.. Against(question)];
        return new ConsentDecision(question.Policy?.Reference ?? "none", reasons.Length == 0, reasons);
    }

    private static IEnumerable<RefusalReason> Against(ConsentQuestion question)
    {
        var (referral, consent, agreement, policy, bothActive, now) = question;

        if (!bothActive) yield return RefusalReason.AgencyNotActive;
        if (agreement is null || !agreement.Routed(referral.Issuer, referral.To, now)) yield return RefusalReason.NoAgreement;
        if (policy is null || agreement?.Policy != policy.Id) yield return RefusalReason.PolicyUnknown;
        else if (!policy.Bases.Contains(referral.Basis)) yield return RefusalReason.BasisNotAllowed;

        if (consent is null || consent.ConsentId != referral.Consent)
        {
            yield return RefusalReason.NoConsent;
            yield break;
        }

        if (consent.Issuer != referral.Issuer) yield return RefusalReason.ConsentOfAnother;
        if (consent.Case != referral.Case) yield return RefusalReason.CaseDiffers;
        if (consent.To != referral.To) yield return RefusalReason.RecipientNotNamed;
        if (consent.Status != ConsentStatus.Granted) yield return RefusalReason.ConsentDenied;
        if (now >= consent.ValidUntil || TooLong(consent, policy)) yield return RefusalReason.ConsentExpired;
        if (!consent.Purposes.Contains(referral.Purpose) || agreement?.Purposes.Contains(referral.Purpose) == false)
            yield return RefusalReason.PurposeOutside;
        if (!consent.Services.Contains(referral.Service)) yield return RefusalReason.ServiceOutside;
        if (referral.Categories.Except(consent.Categories).Any() || (agreement is not null && referral.Categories.Except(agreement.Categories).Any()))
            yield return RefusalReason.CategoryOutside;
    }

    private static bool TooLong(Consent consent, JurisdictionPolicy? policy) =>
        policy is not null && consent.ValidUntil - consent.IssuedAt > TimeSpan.FromDays(policy.MaxConsentDays);
}
