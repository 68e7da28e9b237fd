using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub;
using ReferralHub.Hub.Referrals;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Referrals;

public sealed class SubmitReferralTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_permitted_referral_is_Sent_and_its_event_keeps_the_decision()
    {
        await using var field = await TestField.Start();

        var receipt = await field.Receipt(await field.NewReferral(await field.Consented()));

        Assert.Equal(HandoffState.Sent, receipt.State);
        var recorded = (await field.Events())[^1];
        Assert.Equal((receipt.Referral, HandoffState.Sent, null), (recorded.Referral, recorded.State, recorded.Act));
        Assert.Equal(("default@1", true), (recorded.Decision!.Policy, recorded.Decision.Permit));
    }

    [Fact]
    public async Task A_retry_after_consent_has_lapsed_gets_the_same_receipt_and_another_body_under_the_id_is_refused()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented();
        var referral = await field.Heads(await field.NewReferral(consent));
        var signed = field.Police.Sign(referral);
        var first = await field.Post(signed);

        field.Clock.Now = consent.ValidUntil;

        Assert.Equal(TestField.TokenOf(first), TestField.TokenOf(await field.Post(signed)));
        await field.Refused(Refusal.IdTaken, referral with { Urgency = Urgency.Standard });
    }

    [Theory]
    [InlineData(RefusalReason.ConsentDenied)]
    [InlineData(RefusalReason.ConsentExpired)]
    [InlineData(RefusalReason.CaseDiffers)]
    [InlineData(RefusalReason.NoConsent)]
    [InlineData(RefusalReason.PurposeOutside)]
    [InlineData(RefusalReason.ServiceOutside)]
    [InlineData(RefusalReason.CategoryOutside)]
    public async Task Refuses_what_consent_does_not_cover_and_leaves_nothing_behind(RefusalReason reason)
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented(c => reason switch
        {
            RefusalReason.ConsentDenied => c with { Status = ConsentStatus.Denied },
            RefusalReason.ConsentExpired => c with { ValidUntil = field.In(default) },
            _ => c,
        });
        var referral = await field.NewReferral(consent);

        var problem = await field.Refused(Refusal.ConsentRefused, reason switch
        {
            RefusalReason.CaseDiffers => referral with { Case = CaseCode.Draw() },
            RefusalReason.NoConsent => referral with { Consent = field.NewId() },
            RefusalReason.PurposeOutside => referral with { Purpose = Purpose.Care },
            RefusalReason.ServiceOutside => referral with { Service = ServiceFamily.Legal },
            RefusalReason.CategoryOutside => referral with { Categories = [ClearCategory.Summary, ClearCategory.Photos] },
            _ => referral,
        });

        Assert.Equal([Code.Text(reason)], (IEnumerable<string>)problem.ProblemDetails.Extensions["reasons"]!);
        Assert.Equal([reason], (await field.Events())[^1].Decision!.Reasons);
        Assert.Equal((0, 0), await field.Use(async db => (
            await db.Set<ReferralRecord>().CountAsync(Ct),
            await db.Set<ReferralHub.Hub.Parts.SealedPart>().CountAsync(p => p.Referral != null, Ct))));
    }

    [Fact]
    public async Task Refuses_a_consent_that_another_agency_obtained()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented(c => c with { Issuer = field.Ngo.Id });
        var referral = (await field.NewReferral(consent)) with { Issuer = field.Police.Id };

        await field.Refused(Refusal.ConsentRefused, referral);

        Assert.Equal([RefusalReason.ConsentOfAnother], (await field.Events())[^1].Decision!.Reasons);
    }

    [Fact]
    public async Task Refuses_parts_that_the_sender_has_not_uploaded_whole()
    {
        await using var field = await TestField.Start();
        var referral = await field.NewReferral(await field.Consented());
        var (summary, record) = (referral.Parts[0], referral.Parts[1]);

        await field.Refused(Refusal.PartMissing, referral with { Parts = [summary, record with { Sha256 = Digest.Of("none"u8) }] });
        await field.Refused(Refusal.PartMissing, referral with { Parts = [await field.Upload(Part.Summary, field.Ngo), record] });
        await field.Refused(Refusal.PartSizeDiffers, referral with { Parts = [summary with { Size = summary.Size + 1 }, record] });
        await field.Receipt(referral);
    }

    [Fact]
    public async Task Refuses_parts_that_another_referral_has()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented();
        var first = await field.NewReferral(consent);
        await field.Receipt(first);

        await field.Refused(Refusal.PartTaken, (await field.NewReferral(consent)) with { Parts = first.Parts });
    }

    [Fact]
    public async Task Refuses_to_expire_at_once_or_after_more_than_thirty_days()
    {
        await using var field = await TestField.Start();
        var referral = await field.NewReferral(await field.Consented());

        await field.Refused(Refusal.ExpiryOutside, referral with { Expires = field.In(default) });
        await field.Refused(Refusal.ExpiryOutside, referral with { Expires = field.In(TimeSpan.FromDays(30) + TimeSpan.FromSeconds(1)) });
        await field.Receipt(referral with { Expires = field.In(TimeSpan.FromDays(30)) });
    }

    [Fact]
    public async Task Replaces_only_the_senders_own_referral_that_is_over()
    {
        await using var field = await TestField.Start();
        var open = await field.Handoff();
        var declined = await field.Handoff(HandoffState.Declined);
        var consent = await field.Consented();

        async Task<Referral> Replacing(Guid other) => (await field.NewReferral(consent)) with { Replaces = other };

        await field.Refused(Refusal.ReplacesNotEnded, await Replacing(field.NewId()));
        await field.Refused(Refusal.ReplacesNotEnded, await Replacing(open.Referral.ReferralId));
        await field.Receipt(await Replacing(declined.Referral.ReferralId));
    }

    [Fact]
    public async Task Does_not_replace_a_referral_that_it_received()
    {
        await using var field = await TestField.Start();
        var declined = await field.Handoff(HandoffState.Declined);
        var back = (await field.NewReferral(await field.Consented())) with
        {
            Issuer = field.Shelter.Id,
            To = field.Police.Id,
            Replaces = declined.Referral.ReferralId,
        };

        await field.Refused(Refusal.ReplacesNotEnded, back);
    }
}
