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

    /// <summary>The policy does not let this basis rest on that ground.</summary>
    GroundNotAllowed,

    /// <summary>No second person of the sender has approved what the policy lets nobody decide alone.</summary>
    NotApproved,

    /// <summary>The policy does not let the record go before acceptance for that reason.</summary>
    ReleaseNotAllowed,

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

    /// <summary>The grantor took it back.</summary>
    ConsentRevoked,

    /// <summary>The consent has run out, or lasts longer than the policy allows.</summary>
    ConsentExpired,

    /// <summary>The purpose is not among those of the consent and the agreement.</summary>
    PurposeOutside,

    /// <summary>The service is not among those of the consent.</summary>
    ServiceOutside,

    /// <summary>A category is not among those of the consent and the agreement.</summary>
    CategoryOutside,
}

/// <summary>Why a coordinator must look at what was permitted.</summary>
public enum ReviewCause
{
    /// <summary>The policy says so for this basis.</summary>
    Basis,

    /// <summary>The record goes before acceptance.</summary>
    OnDelivery,

    /// <summary>The grantor had said no.</summary>
    ConsentDenied,

    /// <summary>The grantor has taken the consent back; the basis is another and stands.</summary>
    ConsentRevoked,
}

/// <summary>What the check answers.</summary>
public enum Verdict
{
    /// <summary>It may go.</summary>
    Permit,

    /// <summary>It may go, and a coordinator reviews the coded facts within 72 hours.</summary>
    PermitWithReview,

    /// <summary>It may not go.</summary>
    Refuse,
}

/// <summary>All that the check looks at.</summary>
/// <param name="Referral">What is to go.</param>
/// <param name="Consent">The consent it names, if there is one.</param>
/// <param name="Agreement">The agreement between both that was accepted last and has this route, if there is one.</param>
/// <param name="Policy">The policy that the agreement names, if it is known.</param>
/// <param name="BothActive">Whether both agencies are active.</param>
/// <param name="Now">The time.</param>
public sealed record ConsentQuestion(
    Referral Referral, Consent? Consent, Agreement? Agreement, JurisdictionPolicy? Policy, bool BothActive, DateTimeOffset Now)
{
    /// <summary>The revocation of <see cref="Consent"/>, if there is one.</summary>
    public ConsentRevocation? Revocation { get; init; }

    /// <summary>Those that approve exactly this referral statement.</summary>
    public IReadOnlyList<Approval> Approvals { get; init; } = [];
}

/// <summary>The answer, as audit events keep it.</summary>
/// <param name="Policy">Id and version of the policy it was made under, <c>none</c> if none was known.</param>
/// <param name="Permit">Whether it may go.</param>
/// <param name="Reasons">Every reason why not; empty with a permit.</param>
/// <param name="Review">Why a coordinator must look at it; absent when nobody need.</param>
public sealed record ConsentDecision(
    string Policy, bool Permit, IReadOnlyList<RefusalReason> Reasons, IReadOnlyList<ReviewCause>? Review = null)
{
    /// <summary>The answer in one word.</summary>
    public Verdict Verdict => !Permit ? Verdict.Refuse : Review is null ? Verdict.Permit : Verdict.PermitWithReview;

    /// <summary>Whether both say the same, in whatever order.</summary>
    public bool Says(ConsentDecision other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Policy == other.Policy && Permit == other.Permit
            && Reasons.Order().SequenceEqual(other.Reasons.Order())
            && (Review ?? []).Order().SequenceEqual((other.Review ?? []).Order());
    }
}

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
        var policy = question.Policy?.Reference ?? "none";
        RefusalReason[] reasons = [.. Against(question)];
        if (reasons.Length > 0) return new(policy, false, reasons);
        ReviewCause[] review = [.. ForReview(question)];
        return new(policy, true, [], review.Length == 0 ? null : review);
    }

    private static IEnumerable<RefusalReason> Against(ConsentQuestion question)
    {
        var (referral, consent, agreement, policy, bothActive, now) = question;

        if (!bothActive) yield return RefusalReason.AgencyNotActive;
        if (agreement is null || !agreement.Routed(referral.Issuer, referral.To, now)) yield return RefusalReason.NoAgreement;
        if (policy is null || agreement?.Policy != policy.Id) yield return RefusalReason.PolicyUnknown;
        else foreach (var reason in AgainstBasis(question, policy)) yield return reason;

        var relies = referral.Basis is Basis.Consent;
        if (relies || referral.Consent is not null)
        {
            foreach (var reason in AgainstConsent(referral, consent)) yield return reason;
        }

        if (relies && consent is not null && consent.ConsentId == referral.Consent)
        {
            if (consent.Status != ConsentStatus.Granted) yield return RefusalReason.ConsentDenied;
            if (question.Revocation?.Revokes(consent) == true) yield return RefusalReason.ConsentRevoked;
            if (now >= consent.ValidUntil || TooLong(consent, policy)) yield return RefusalReason.ConsentExpired;
            if (!consent.Services.Contains(referral.Service)) yield return RefusalReason.ServiceOutside;
        }

        // What rests on another ground is bound by the agreement alone.
        var scope = relies && consent?.ConsentId == referral.Consent ? consent : null;
        if (scope?.Purposes.Contains(referral.Purpose) == false || agreement?.Purposes.Contains(referral.Purpose) == false)
            yield return RefusalReason.PurposeOutside;
        if ((scope is not null && referral.Categories.Except(scope.Categories).Any()) || (agreement is not null && referral.Categories.Except(agreement.Categories).Any()))
            yield return RefusalReason.CategoryOutside;
    }

    private static IEnumerable<RefusalReason> AgainstBasis(ConsentQuestion question, JurisdictionPolicy policy)
    {
        var referral = question.Referral;
        if (!policy.Bases.Contains(referral.Basis))
        {
            yield return RefusalReason.BasisNotAllowed;
            yield break;
        }

        var rule = policy.RuleFor(referral.Basis);
        if (referral.Ground is { } ground && rule?.Grounds.Contains(ground) != true) yield return RefusalReason.GroundNotAllowed;
        if (rule?.SecondApprover == true && !question.Approvals.Any(approval => approval.IsSecondTo(referral.Issuer, referral.By)))
            yield return RefusalReason.NotApproved;
        if (referral.ReleaseReason is { } early && policy.OnDelivery?.Contains(early) != true) yield return RefusalReason.ReleaseNotAllowed;
    }

    private static IEnumerable<RefusalReason> AgainstConsent(Referral referral, Consent? consent)
    {
        if (consent is null || consent.ConsentId != referral.Consent)
        {
            yield return RefusalReason.NoConsent;
            yield break;
        }

        if (consent.Issuer != referral.Issuer) yield return RefusalReason.ConsentOfAnother;
        if (consent.Case != referral.Case) yield return RefusalReason.CaseDiffers;
        if (consent.To != referral.To) yield return RefusalReason.RecipientNotNamed;
    }

    private static IEnumerable<ReviewCause> ForReview(ConsentQuestion question)
    {
        var (referral, consent) = (question.Referral, question.Consent);
        if (question.Policy?.RuleFor(referral.Basis)?.Review == true) yield return ReviewCause.Basis;
        if (referral.Release is ReleaseRule.OnDelivery) yield return ReviewCause.OnDelivery;
        if (referral.Basis is Basis.Consent || consent is null) yield break;
        if (consent.Status is ConsentStatus.Denied) yield return ReviewCause.ConsentDenied;
        if (question.Revocation?.Revokes(consent) == true) yield return ReviewCause.ConsentRevoked;
    }

    private static bool TooLong(Consent consent, JurisdictionPolicy? policy) =>
        policy is not null && consent.ValidUntil - consent.IssuedAt > TimeSpan.FromDays(policy.MaxConsentDays);
}
