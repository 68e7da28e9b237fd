using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Directory;
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

    public void Dispose() => _story.Dispose();

    private static IReadOnlyList<RefusalReason> Reasons(ConsentQuestion question) => ConsentCheck.Decide(question).Reasons;

    private ConsentQuestion Question() => new(
        _story.Referral(), _story.Consent(), _story.Proposal(),
        new JurisdictionPolicy { Id = PolicyId.Parse("north"), Version = 1, IssuedAt = Story.Start, Bases = [Basis.Consent], MaxConsentDays = 365 },
        BothActive: true, Story.Start.AddHours(1));
}
