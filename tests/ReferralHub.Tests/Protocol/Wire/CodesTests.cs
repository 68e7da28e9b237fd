using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Wire;

/// <summary>The closed sets of docs/protocol.md §1.6, §3.3, §3.5 and §4.4, written out again.</summary>
public sealed class CodesTests
{
    [Fact]
    public void Each_set_has_exactly_its_spellings()
    {
        Has<AgencyKind>("police hospital shelter ngo social-services prosecutor school");
        Has<ServiceFamily>("shelter medical police legal psychosocial social education other");
        Has<Urgency>("emergency urgent standard planned");
        Has<Purpose>("protection care investigation prosecution reintegration");
        Has<Category>("summary identity contact safe-contact caregivers concern health legal immigration-status photos documents");
        Has<ClearCategory>("summary identity contact safe-contact caregivers concern sensitive photos documents");
        Has<Basis>("consent mandatory-report risk-of-significant-harm court-order vital-interests");
        Has<LegalGround>("statute court-ruling prosecutor-order danger-to-life danger-of-serious-harm");
        Has<ChildTold>("told would-endanger unreachable forbidden");
        Has<ReleaseRule>("on-acceptance on-delivery");
        Has<ReleaseReason>("danger-to-life evidence-window court-deadline");
        Has<ConsentStatus>("granted denied");
        Has<AccessAct>("opened revealed printed exported attachment-saved");
        Has<BreakGlass>("danger-to-life danger-of-serious-harm evidence-window");
        Has<ErasureAct>("erased kept");
        Has<KeepGround>("legal-hold court-ruling records-duty legal-claims");
        Has<HoldAct>("placed released");
        Has<ReviewCause>("basis on-delivery consent-denied consent-revoked");
        Has<ContentReason>("category-not-agreed category-off grantors-insufficient age-unclear age-outside-basis area-unknown");
        Has<LiveCapacity>("capacity waitlist additional-assessment no-capacity");
        Has<ServiceStatus>("active paused");
        Has<Eligibility>("guardian-consent court-order police-report medical-check identity-papers");
        Has<ReviewFinding>("in-order to-be-followed-up");
        Has<ClockKind>("acknowledge decide answer update close erase review");
        Has<ClockStep>("reminder breach leads coordinator");
        Has<ClockRun>("always open-hours working-days days");
        Has<HubActCode>("evidence evidence-index expired due-soon overdue handed-back");
        Has<CoordinatorActCode>("reviewed nudged escalated alternates");
        Has<RefusalReason>(
            "agency-not-active no-agreement policy-unknown basis-not-allowed ground-not-allowed not-approved release-not-allowed "
            + "no-consent consent-of-another case-differs recipient-not-named consent-denied consent-revoked consent-expired purpose-outside service-outside category-outside");
        Has<AuditEventCode>(
            "statement-recorded part-released refused directory-checkpoint evidence-exported part-erased agency-invited agency-joined "
            + "board-read trail-read agency-recovered certificate-renewed agency-suspended agency-resumed log-opened message-dropped erased");
        Has<AgencyChangeCode>("rotate-encryption rotate-signing revoke change-recovery recover suspend resume close");
    }

    [Theory]
    [InlineData("social-services", true)]
    [InlineData("Social-Services", false)]
    [InlineData("SocialServices", false)]
    [InlineData("social_services", false)]
    [InlineData("social-services ", false)]
    [InlineData("police,shelter", false)]
    [InlineData("4", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_code_has_one_spelling(string? text, bool good) => Assert.Equal(good, Code.TryParse<AgencyKind>(text, out _));

    [Theory]
    [InlineData("\"police\"", true)]
    [InlineData("\"Police\"", false)]
    [InlineData("0", false)]
    [InlineData("[\"police\"]", false)]
    public void A_code_in_JSON_is_a_string_of_its_set(string value, bool good) =>
        Assert.Equal(good, StrictJson.TryRead<Holder>(System.Text.Encoding.ASCII.GetBytes($$"""{"kind":{{value}}}"""), out _));

    [Theory]
    [InlineData(Category.Summary, ClearCategory.Summary)]
    [InlineData(Category.Identity, ClearCategory.Identity)]
    [InlineData(Category.Contact, ClearCategory.Contact)]
    [InlineData(Category.SafeContact, ClearCategory.SafeContact)]
    [InlineData(Category.Caregivers, ClearCategory.Caregivers)]
    [InlineData(Category.Concern, ClearCategory.Concern)]
    [InlineData(Category.Health, ClearCategory.Sensitive)]
    [InlineData(Category.Legal, ClearCategory.Sensitive)]
    [InlineData(Category.ImmigrationStatus, ClearCategory.Sensitive)]
    [InlineData(Category.Photos, ClearCategory.Photos)]
    [InlineData(Category.Documents, ClearCategory.Documents)]
    public void The_hub_cannot_tell_health_law_and_immigration_apart(Category category, ClearCategory clear) =>
        Assert.Equal(clear, category.Clear());

    [Fact]
    public void The_hub_s_words_for_a_list_stand_once_and_in_their_order() =>
        Assert.Equal(
            [ClearCategory.Summary, ClearCategory.Sensitive, ClearCategory.Documents],
            new[] { Category.Documents, Category.ImmigrationStatus, Category.Summary, Category.Health }.Clear());

    [Theory]
    [InlineData(StatementKind.Agreement, "agreement+jws")]
    [InlineData(StatementKind.Consent, "consent+jws")]
    [InlineData(StatementKind.Referral, "referral+jws")]
    [InlineData(StatementKind.Acknowledgement, "acknowledgement+jws")]
    [InlineData(StatementKind.SenderAct, "sender-act+jws")]
    [InlineData(StatementKind.ReleaseRequest, "release-request+jws")]
    [InlineData(StatementKind.Access, "access+jws")]
    [InlineData(StatementKind.ConsentRevocation, "consent-revocation+jws")]
    [InlineData(StatementKind.RevocationNotice, "revocation-notice+jws")]
    [InlineData(StatementKind.Approval, "approval+jws")]
    [InlineData(StatementKind.LegalHold, "legal-hold+jws")]
    [InlineData(StatementKind.ErasureReceipt, "erasure-receipt+jws")]
    [InlineData(StatementKind.Profile, "profile+jws")]
    [InlineData(StatementKind.Capacity, "capacity+jws")]
    [InlineData(StatementKind.HubReceipt, "hub-receipt+jws")]
    [InlineData(StatementKind.HubAct, "hub-act+jws")]
    [InlineData(StatementKind.CoordinatorAct, "coordinator-act+jws")]
    public void A_statement_s_kind_is_its_typ(StatementKind kind, string typ)
    {
        Assert.Equal(typ, kind.Typ());
        Assert.True(StatementKinds.TryParse(typ, out var read));
        Assert.Equal(kind, read);
    }

    [Theory]
    [InlineData("agreement")]
    [InlineData("agreement+jwt")]
    [InlineData("Agreement+jws")]
    [InlineData("+jws")]
    [InlineData("genesis+jws")]
    public void Another_typ_is_no_statement_s(string typ) => Assert.False(StatementKinds.TryParse(typ, out _));

    private static void Has<T>(string spellings)
        where T : struct, Enum
    {
        Assert.Equal(spellings.Split(' '), Enum.GetValues<T>().Select(Code.Text));
        foreach (var value in Enum.GetValues<T>())
        {
            Assert.True(Code.TryParse<T>(Code.Text(value), out var read));
            Assert.Equal(value, read);
        }
    }

    private sealed record Holder(AgencyKind Kind);
}
