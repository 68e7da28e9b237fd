using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Protocol.Clocks;
using ReferralHub.Tests.Protocol.Evidence;

namespace ReferralHub.Tests.Protocol.Consents;

/// <summary>
/// Thousands of questions drawn at random, and the answer of a model that was written from the field's description: it asks
/// in one sentence whether a thing may go, and knows no reasons.
/// </summary>
public sealed class ConsentModelTests : IDisposable
{
    private readonly Story _story = new Story().Found();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_check_permits_exactly_what_the_model_permits_and_wants_a_review_exactly_when_it_does(int seed)
    {
        var dice = new Draw($"consents {seed}");
        var permits = 0;
        for (var i = 0; i < 4000; i++)
        {
            var question = Draw(dice);
            var decision = ConsentCheck.Decide(question);
            var (goes, review) = Model(question);
            Assert.True(goes == decision.Permit, $"{seed}/{i}: {string.Join(' ', decision.Reasons)}");
            Assert.Equal(goes && review, decision.Verdict is Verdict.PermitWithReview);
            Assert.Equal(decision.Permit, decision.Reasons.Count == 0);
            if (goes) permits++;
        }

        Assert.InRange(permits, 200, 3800);
    }

    public void Dispose() => _story.Dispose();

    private static (bool Goes, bool Review) Model(ConsentQuestion q)
    {
        var (r, c, a, p) = (q.Referral, q.Consent, q.Agreement, q.Policy);
        if (!q.BothActive || a is null || p is null || a.Policy != p.Id || q.Now < a.From || q.Now >= a.Until || !a.Routes.Contains(new(r.Issuer, r.To))) return (false, false);
        if (!a.Purposes.Contains(r.Purpose) || !r.Categories.All(a.Categories.Contains)) return (false, false);
        var two = q.Approvals.Any(approval => approval.Issuer == r.Issuer && approval.By != r.By);
        var early = r.Release is ReleaseRule.OnDelivery;
        if (early && !(p.OnDelivery ?? []).Contains(r.ReleaseReason!.Value)) return (false, false);
        var fits = c is not null && c.ConsentId == r.Consent && c.Issuer == r.Issuer && c.To == r.To && c.Case == r.Case;
        if (r.Basis is Basis.Consent)
        {
            var good = fits && c!.Status is ConsentStatus.Granted && q.Revocation is null && q.Now < c.ValidUntil
                && c.Services.Contains(r.Service) && c.Purposes.Contains(r.Purpose) && r.Categories.All(c.Categories.Contains);
            return (good && p.Bases.Contains(Basis.Consent), early);
        }

        var grounds = p.Bases.Contains(r.Basis) ? p.Rules!.Single(rule => rule.Basis == r.Basis).Grounds : [];
        return (grounds.Contains(r.Ground!.Value) && two && (r.Consent is null || fits), true);
    }

    // Each thing is in order more often than not, so that whole questions sometimes are.
    private ConsentQuestion Draw(Draw dice)
    {
        bool Mostly() => dice.Next(12) != 0;
        T One<T>(params T[] of) => of[dice.Next(of.Length)];
        var (now, other) = (Story.Start.AddHours(1), AgencyId.Parse("east-hospital"));
        var lawful = dice.Next(2) == 0;
        var named = !lawful || dice.Next(2) == 0;
        var early = dice.Next(4) == 0;
        var said = _story.Consent();
        var consent = named && Mostly()
            ? said with
            {
                ConsentId = Mostly() ? said.ConsentId : Story.Id(9),
                Issuer = Mostly() ? said.Issuer : other,
                To = Mostly() ? said.To : AgencyId.Parse("west-hospital"),
                Case = Mostly() ? said.Case : CaseCode.Parse("00000000000000000000000000"),
                Status = Mostly() ? ConsentStatus.Granted : ConsentStatus.Denied,
                ValidUntil = Mostly() ? said.ValidUntil : now,
                Purposes = Mostly() ? said.Purposes : [Purpose.Care],
                Services = Mostly() ? said.Services : [ServiceFamily.Legal],
                Categories = Mostly() ? said.Categories : [ClearCategory.Summary],
            }
            : null;
        var referral = _story.Referral() with
        {
            Basis = lawful ? One(Basis.VitalInterests, Basis.VitalInterests, Basis.VitalInterests, Basis.CourtOrder) : Basis.Consent,
            Ground = lawful ? One(LegalGround.DangerToLife, LegalGround.DangerToLife, LegalGround.Statute) : null,
            Told = lawful ? ChildTold.Unreachable : null,
            Consent = named ? said.ConsentId : null,
            Release = early ? ReleaseRule.OnDelivery : ReleaseRule.OnAcceptance,
            ReleaseReason = early ? One(ReleaseReason.EvidenceWindow, ReleaseReason.CourtDeadline) : null,
        };
        var terms = _story.Proposal();
        return new(
            referral,
            consent,
            Mostly() ? terms with { Until = Mostly() ? terms.Until : now, Purposes = Mostly() ? terms.Purposes : [Purpose.Care], Categories = Mostly() ? terms.Categories : [ClearCategory.Summary] } : null,
            Mostly() ? Policy(Mostly() ? "north" : "south") : null,
            BothActive: Mostly(),
            now)
        {
            Revocation = consent is not null && !Mostly() ? Revocation(consent) : null,
            Approvals = lawful && Mostly() ? [Approval(referral, One("off0002", "off0003", referral.By.ToString()))] : [],
        };
    }

    private static JurisdictionPolicy Policy(string id) => new()
    {
        Id = PolicyId.Parse(id),
        Version = 1,
        IssuedAt = Story.Start,
        Bases = [Basis.Consent, Basis.VitalInterests],
        MaxConsentDays = 365,
        Rules = [new(Basis.VitalInterests, [LegalGround.DangerToLife], SecondApprover: true, Review: true)],
        OnDelivery = [ReleaseReason.EvidenceWindow],
    };

    private static ConsentRevocation Revocation(Consent consent) => new()
    {
        Issuer = consent.Issuer,
        IssuedAt = consent.IssuedAt,
        Directory = consent.Directory,
        AuditLog = consent.AuditLog,
        ConsentId = consent.ConsentId,
        To = consent.To,
        By = consent.By,
    };

    private static Approval Approval(Referral referral, string by) => new()
    {
        Issuer = referral.Issuer,
        IssuedAt = referral.IssuedAt,
        Directory = referral.Directory,
        AuditLog = referral.AuditLog,
        Approves = default,
        To = referral.To,
        By = Handle.Parse(by),
    };
}
