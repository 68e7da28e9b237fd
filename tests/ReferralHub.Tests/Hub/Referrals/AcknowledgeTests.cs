using ReferralHub.Hub;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Referrals;

public sealed class AcknowledgeTests
{
    [Fact]
    public async Task A_foreign_and_an_absent_referral_get_the_same_answer()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff();
        var foreign = handoff.Act(HandoffAct.Delivered) with { Issuer = field.Ngo.Id };

        var one = await field.Refused(Refusal.NotFound, foreign);
        var other = await field.Refused(Refusal.NotFound, foreign with { Referral = field.NewId() });

        Assert.Equal(
            (one.StatusCode, one.ProblemDetails.Title, one.ProblemDetails.Detail, one.ProblemDetails.Extensions.Count),
            (other.StatusCode, other.ProblemDetails.Title, other.ProblemDetails.Detail, other.ProblemDetails.Extensions.Count));
    }

    [Fact]
    public async Task The_sender_acknowledges_nothing()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff();

        await field.Refused(Refusal.OutOfTurn, handoff.Act(HandoffAct.Delivered) with { Issuer = field.Police.Id });
    }

    [Fact]
    public async Task A_statement_that_comes_after_an_earlier_one_is_stale()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff();
        var early = handoff.Act(HandoffAct.Acknowledged);
        await handoff.Do(HandoffAct.Delivered);

        var problem = await field.Refused(Refusal.Stale, early);

        Assert.Equal(
            ("delivered", handoff.After.ToString()),
            (problem.ProblemDetails.Extensions["state"], problem.ProblemDetails.Extensions["after"]));
    }

    [Fact]
    public async Task Delivered_is_refused_once_consent_has_run_out_and_the_referral_stays_Sent()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented(c => c with { ValidUntil = field.In(TimeSpan.FromHours(1)) });
        var (first, second) = (await field.Handoff(consent: consent), await field.Handoff(consent: consent));

        field.Clock.Now = consent.ValidUntil - TimeSpan.FromSeconds(1);
        await first.Do(HandoffAct.Delivered);
        Assert.True((await field.Events())[^1].Decision!.Permit);

        field.Clock.Now = consent.ValidUntil;
        await field.Refused(Refusal.ConsentRefused, second.Act(HandoffAct.Delivered));
        Assert.Equal([RefusalReason.ConsentExpired], (await field.Events())[^1].Decision!.Reasons);
        await field.Refused(Refusal.OutOfTurn, second.Act(HandoffAct.Acknowledged));
    }

    [Fact]
    public async Task An_expired_referral_can_be_declined_and_not_accepted()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Acknowledged);

        field.Clock.Now = handoff.Referral.Expires;

        await field.Refused(Refusal.ReferralExpired, handoff.Act(HandoffAct.Accepted));
        await handoff.Do(HandoffAct.Declined);
    }

    [Fact]
    public async Task The_note_must_be_a_part_of_its_own_that_the_recipient_has_uploaded()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Accepted);
        var completed = (Acknowledgement)handoff.Act(HandoffAct.Completed);
        var record = handoff.Referral.Parts[1];

        await field.Refused(Refusal.PartMissing, completed);
        await field.Refused(Refusal.PartMissing, completed with { Parts = [await field.Upload(Part.Note, field.Police)] });
        await field.Refused(Refusal.PartTaken, completed with { Parts = [record with { Part = Part.Note }] });
        await handoff.Do(HandoffAct.Completed);
    }
}
