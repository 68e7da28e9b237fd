using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Protocol.Evidence;

namespace ReferralHub.Tests.Protocol.Consents;

/// <summary>A permit, and each reason of docs/protocol.md §3.5 alone.</summary>
public sealed class ConsentCheckTests : IDisposable
{
    private readonly Story _story = new Story().Found();

    private static readonly Dictionary<RefusalReason, Func<ConsentQuestion, ConsentQuestion>> Against = new()
    {
        [RefusalReason.AgencyNotActive] = q => q with { BothActive = false },
        [RefusalReason.NoAgreement] = q => q with { Agreement = q.Agreement! with { Routes = [new(Story.Shelter, Story.Police)] } },
        [RefusalReason.PolicyUnknown] = q => q with { Policy = q.Policy! with { Id = PolicyId.Parse("south") } },
        [RefusalReason.BasisNotAllowed] = q => q with { Policy = q.Policy! with { Bases = [] } },
        [RefusalReason.GroundNotAllowed] = q => Statutory(q) with { Referral = Statutory(q).Referral with { Ground = LegalGround.Statute } },
        [RefusalReason.NotApproved] = q => Statutory(q) with { Approvals = [] },
        [RefusalReason.ReleaseNotAllowed] = q => q with { Referral = q.Referral with { Release = ReleaseRule.OnDelivery, ReleaseReason = ReleaseReason.CourtDeadline } },
        [RefusalReason.ConsentRevoked] = q => q with { Revocation = Revocation(q) },
        [RefusalReason.NoConsent] = q => q with { Consent = null },
        [RefusalReason.ConsentOfAnother] = q => q with { Consent = q.Consent! with { Issuer = AgencyId.Parse("east-hospital") } },
        [RefusalReason.CaseDiffers] = q => q with { Consent = q.Consent! with { Case = CaseCode.Parse("00000000000000000000000000") } },
        [RefusalReason.RecipientNotNamed] = q => q with { Consent = q.Consent! with { To = AgencyId.Parse("east-hospital") } },
        [RefusalReason.ConsentDenied] = q => q with { Consent = q.Consent! with { Status = ConsentStatus.Denied } },
        [RefusalReason.ConsentExpired] = q => q with { Consent = q.Consent! with { ValidUntil = q.Now } },
        [RefusalReason.PurposeOutside] = q => q with { Consent = q.Consent! with { Purposes = [Purpose.Care] } },
        [RefusalReason.ServiceOutside] = q => q with { Consent = q.Consent! with { Services = [ServiceFamily.Legal] } },
        [RefusalReason.CategoryOutside] = q => q with { Consent = q.Consent! with { Categories = [ClearCategory.Summary] } },
    };

    public static TheoryData<RefusalReason> EveryReason => [.. Enum.GetValues<RefusalReason>()];

    [Fact]
    public void All_in_order_is_permitted_under_the_policy_s_version() =>
        Assert.Equivalent(new ConsentDecision("north@1", true, []), ConsentCheck.Decide(Question()));

    [Theory]
    [MemberData(nameof(EveryReason))]
    public void Each_reason_is_found_alone(RefusalReason reason)
    {
        var decision = ConsentCheck.Decide(Against[reason](Question()));
        Assert.False(decision.Permit);
        Assert.Equal([reason], decision.Reasons);
    }

    [Fact]
    public void Purpose_and_category_must_be_in_the_agreement_too()
    {
        var question = Question();
        Assert.Equal([RefusalReason.PurposeOutside], Reasons(question with { Agreement = question.Agreement! with { Purposes = [Purpose.Care] } }));
        Assert.Equal([RefusalReason.CategoryOutside], Reasons(question with { Agreement = question.Agreement! with { Categories = [ClearCategory.Summary] } }));
    }

    [Fact]
    public void What_goes_on_to_the_recipient_needs_a_permit_and_what_comes_back_none()
    {
        Assert.Equal([Part.Summary, Part.Record, Part.Answer], Enum.GetValues<Part>().Where(ConsentCheck.Guards));
        Assert.True(ConsentCheck.Guards(Question().Referral));
    }

    [Fact]
    public void A_consent_is_said_to_expire_from_seven_days_before_its_end()
    {
        var consent = Question().Consent!;
        Assert.False(consent.IsExpiring(consent.ValidUntil.AddDays(-7).AddSeconds(-1)));
        Assert.True(consent.IsExpiring(consent.ValidUntil.AddDays(-7)));
    }

    [Fact]
    public void A_consent_under_another_id_is_none() =>
        Assert.Equal([RefusalReason.NoConsent], Reasons(Question() with { Consent = Question().Consent! with { ConsentId = Story.Id(9) } }));

    [Fact]
    public void Every_limit_holds_to_the_second()
    {
        var question = Question();
        var (now, second) = (question.Now, TimeSpan.FromSeconds(1));
        Assert.Empty(Reasons(question with { Consent = question.Consent! with { ValidUntil = now + second } }));
        Assert.Empty(Reasons(question with { Agreement = question.Agreement! with { From = now } }));
        Assert.Equal([RefusalReason.NoAgreement], Reasons(question with { Agreement = question.Agreement! with { From = now + second } }));
        Assert.Empty(Reasons(question with { Agreement = question.Agreement! with { Until = now + second } }));
        Assert.Equal([RefusalReason.NoAgreement], Reasons(question with { Agreement = question.Agreement! with { Until = now } }));

        var longest = question.Consent!.IssuedAt + TimeSpan.FromDays(question.Policy!.MaxConsentDays);
        Assert.Empty(Reasons(question with { Consent = question.Consent with { ValidUntil = longest } }));
        Assert.Equal([RefusalReason.ConsentExpired], Reasons(question with { Consent = question.Consent with { ValidUntil = longest + second } }));
    }

    [Fact]
    public void A_basis_of_law_needs_no_consent_and_is_permitted_with_a_review()
    {
        var decision = ConsentCheck.Decide(Statutory(Question()));
        Assert.Equal((Verdict.PermitWithReview, true), (decision.Verdict, decision.Permit));
        Assert.Equal([ReviewCause.Basis], decision.Review!);
    }

    [Fact]
    public void A_basis_of_law_is_not_stopped_by_a_no_or_a_revocation_but_the_decision_says_so()
    {
        var question = Question();
        var denied = Statutory(question) with { Consent = question.Consent! with { Status = ConsentStatus.Denied } };
        denied = denied with { Referral = denied.Referral with { Consent = question.Consent.ConsentId } };
        Assert.Equal([ReviewCause.Basis, ReviewCause.ConsentDenied], ConsentCheck.Decide(denied).Review!);

        var revoked = denied with { Consent = question.Consent with { ValidUntil = question.Now }, Revocation = Revocation(question) };
        Assert.Equal([ReviewCause.Basis, ReviewCause.ConsentRevoked], ConsentCheck.Decide(revoked).Review!);

        var another = denied with { Consent = question.Consent with { Case = CaseCode.Parse("00000000000000000000000000") } };
        Assert.Equal([RefusalReason.CaseDiffers], Reasons(another));
    }

    [Fact]
    public void The_agreement_binds_every_basis()
    {
        var question = Statutory(Question());
        Assert.Equal([RefusalReason.PurposeOutside], Reasons(question with { Agreement = question.Agreement! with { Purposes = [Purpose.Care] } }));
        Assert.Equal([RefusalReason.CategoryOutside], Reasons(question with { Agreement = question.Agreement! with { Categories = [ClearCategory.Summary] } }));
    }

    [Fact]
    public void Nobody_approves_what_they_said_themselves_and_no_other_agency_does()
    {
        var question = Statutory(Question());
        var approval = question.Approvals[0];
        Assert.Equal([RefusalReason.NotApproved], Reasons(question with { Approvals = [approval with { By = question.Referral.By }] }));
        Assert.Equal([RefusalReason.NotApproved], Reasons(question with { Approvals = [approval with { Issuer = Story.Shelter, To = Story.Police }] }));
        Assert.Empty(Reasons(question with { Approvals = [approval with { By = question.Referral.By }, approval] }));
    }

    [Fact]
    public void An_early_release_is_permitted_with_a_review_for_a_reason_that_the_policy_has()
    {
        var question = Question();
        var early = question with { Referral = question.Referral with { Release = ReleaseRule.OnDelivery, ReleaseReason = ReleaseReason.EvidenceWindow } };
        Assert.Equal([ReviewCause.OnDelivery], ConsentCheck.Decide(early).Review!);
        Assert.Equal([RefusalReason.ReleaseNotAllowed], Reasons(early with { Policy = early.Policy! with { OnDelivery = null } }));
    }

    [Fact]
    public void A_policy_may_ask_for_a_second_person_and_a_review_of_a_consent_too()
    {
        var question = Question();
        var strict = question with { Policy = question.Policy! with { Rules = [.. question.Policy.Rules!, new(Basis.Consent, [], SecondApprover: true, Review: true)] } };
        Assert.Equal([RefusalReason.NotApproved], Reasons(strict));
        Assert.Equal([ReviewCause.Basis], ConsentCheck.Decide(strict with { Approvals = [Approval(question)] }).Review!);
    }

    [Fact]
    public void Only_the_revocation_of_this_consent_by_who_obtained_it_counts()
    {
        var question = Question();
        Assert.Empty(Reasons(question with { Revocation = Revocation(question) with { ConsentId = Story.Id(9) } }));
        Assert.Empty(Reasons(question with { Revocation = Revocation(question) with { Issuer = Story.Shelter, To = Story.Police } }));
    }

    public void Dispose() => _story.Dispose();

    private static ConsentRevocation Revocation(ConsentQuestion q) => new()
    {
        Issuer = q.Consent!.Issuer,
        IssuedAt = q.Now,
        Directory = q.Consent.Directory,
        AuditLog = q.Consent.AuditLog,
        ConsentId = q.Consent.ConsentId,
        To = q.Consent.To,
        By = q.Consent.By,
    };

    private static Approval Approval(ConsentQuestion q) => new()
    {
        Issuer = q.Referral.Issuer,
        IssuedAt = q.Now,
        Directory = q.Referral.Directory,
        AuditLog = q.Referral.AuditLog,
        Approves = Story.Sealed("the referral's id"),
        To = q.Referral.To,
        By = Handle.Parse("off0002"),
    };

    // The same without consent: a danger, approved by a second person.
    private static ConsentQuestion Statutory(ConsentQuestion q) => q with
    {
        Referral = q.Referral with { Basis = Basis.VitalInterests, Consent = null, Ground = LegalGround.DangerToLife, Told = ChildTold.Unreachable },
        Consent = null,
        Approvals = [Approval(q)],
    };

    private static IReadOnlyList<RefusalReason> Reasons(ConsentQuestion question) => ConsentCheck.Decide(question).Reasons;

    private ConsentQuestion Question() => new(
        _story.Referral(), _story.Consent(), _story.Proposal(),
        new JurisdictionPolicy
        {
            Id = PolicyId.Parse("north"),
            Version = 1,
            IssuedAt = Story.Start,
            Bases = [Basis.Consent, Basis.VitalInterests],
            MaxConsentDays = 365,
            Rules = [new(Basis.VitalInterests, [LegalGround.DangerToLife], SecondApprover: true, Review: true)],
            OnDelivery = [ReleaseReason.EvidenceWindow],
        },
        BothActive: true, Story.Start.AddHours(1));
}
