using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub;
using ReferralHub.Hub.Parts;
using ReferralHub.Hub.Referrals;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Referrals;

/// <summary>Revocation, legal holds and erasure at the hub's handlers, and what evidence makes of them.</summary>
public sealed class CustodyTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_revocation_stops_at_once_what_is_not_yet_released()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented();
        var handoff = await field.Handoff(HandoffState.Accepted, consent);
        await field.Receipt(field.NewRevocation(consent));

        var refused = await field.Refused(Refusal.ConsentRefused, handoff.Request(Part.Record, field.Shelter));

        Assert.Equal(["consent-revoked"], (IEnumerable<string>)refused.ProblemDetails.Extensions["reasons"]!);
        Assert.Equal([RefusalReason.ConsentRevoked], (await field.Events())[^1].Decision!.Reasons);
        await field.Refused(Refusal.ConsentRefused, await field.NewReferral(consent));
    }

    [Fact]
    public async Task Only_who_obtained_a_consent_takes_it_back_and_once()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented();
        await field.Refused(Refusal.NotFound, field.NewRevocation(consent) with { ConsentId = field.NewId() });
        await field.Refused(Refusal.NotFound, field.NewRevocation(consent) with { Issuer = field.Shelter.Id, To = field.Police.Id });
        await field.Refused(Refusal.NotFound, field.NewRevocation(consent) with { To = field.Ngo.Id });
        await field.Receipt(field.NewRevocation(consent));
        field.Clock.Now += TimeSpan.FromSeconds(1);
        await field.Refused(Refusal.RevokedBefore, field.NewRevocation(consent));
    }

    [Fact]
    public async Task The_recipient_owes_an_answer_for_what_it_got_and_for_nothing_else()
    {
        await using var field = await TestField.Start();
        var used = await field.Consented();
        var handoff = await field.Handoff(HandoffState.Acknowledged, used);
        var untouched = await field.Handoff(HandoffState.Sent, used);
        await field.Takes(field.Shelter.Sign(await field.Heads(handoff.Act(HandoffAct.Accepted))));
        await field.Post(handoff.Request(Part.Record, field.Shelter));

        await field.Receipt(field.NewRevocation(used));

        var (due, none, owed) = await field.Use(async db => (
            (await db.Set<ReferralRecord>().SingleAsync(r => r.Id == handoff.Referral.ReferralId, Ct)).ErasureDue,
            (await db.Set<ReferralRecord>().SingleAsync(r => r.Id == untouched.Referral.ReferralId, Ct)).ErasureDue,
            await db.Set<OwedRecord>().SingleAsync(Ct)));
        Assert.Equal(field.In(TimeSpan.FromHours(24)), due);
        Assert.Null(none);
        Assert.Equal((handoff.Referral.ReferralId, ClockKind.Erase, due), (owed.Referral, owed.Kind, owed.Due));
    }

    [Fact]
    public async Task What_was_revoked_is_erased_at_the_hub_unless_a_party_holds_it()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented();
        var held = await field.Handoff(HandoffState.Accepted, consent);
        var free = await field.Handoff(HandoffState.Accepted, consent);
        await field.Takes(await field.Approved(held.Hold(field.Police, HoldAct.Placed)));
        await field.Receipt(field.NewRevocation(consent));

        Assert.Equal(2, await Sweep(field));
        Assert.Equal([false, false], await Whole(field, free));
        Assert.Equal([true, true], await Whole(field, held));

        await field.Takes(await field.Approved(held.Hold(field.Police, HoldAct.Released)));
        Assert.Equal(2, await Sweep(field));
        Assert.Equal([false, false], await Whole(field, held));
    }

    [Fact]
    public async Task A_hold_needs_a_second_person_to_be_placed_and_to_be_released()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Accepted);
        await field.Refused(Refusal.NotApproved, handoff.Hold(field.Shelter, HoldAct.Placed));
        // The second person is the first.
        await field.Refused(Refusal.NotApproved, await field.Approved(handoff.Hold(field.Shelter, HoldAct.Placed), "noor2"));
        await field.Refused(Refusal.CustodyForbids, await field.Approved(handoff.Hold(field.Shelter, HoldAct.Released)));
        field.Clock.Now += TimeSpan.FromSeconds(1);
        await field.Takes(await field.Approved(handoff.Hold(field.Shelter, HoldAct.Placed)));
        await field.Refused(Refusal.CustodyForbids, handoff.Erasure(field.Shelter, ErasureAct.Erased));
        field.Clock.Now += TimeSpan.FromSeconds(1);
        await field.Refused(Refusal.NotApproved, handoff.Hold(field.Shelter, HoldAct.Released));
    }

    [Fact]
    public async Task The_recipient_answers_a_revocation_by_erasing_or_by_a_ground_and_the_clock_stops()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented();
        var handoff = await field.Handoff(HandoffState.Accepted, consent);
        await field.Post(handoff.Request(Part.Record, field.Shelter));
        await field.Refused(Refusal.CustodyForbids, handoff.Erasure(field.Shelter, ErasureAct.Kept, KeepGround.CourtRuling));
        await field.Receipt(field.NewRevocation(consent));
        await field.Refused(Refusal.CustodyForbids, handoff.Erasure(field.Police, ErasureAct.Erased));
        await field.Refused(Refusal.CustodyForbids, handoff.Erasure(field.Shelter, ErasureAct.Kept, KeepGround.LegalHold));

        Assert.Equal(1, await field.Use(db => db.Set<OwedRecord>().CountAsync(Ct)));
        await field.Receipt(handoff.Erasure(field.Shelter, ErasureAct.Kept, KeepGround.CourtRuling));
        Assert.Null(await Due(field, handoff));
        Assert.Equal(0, await field.Use(db => db.Set<OwedRecord>().CountAsync(Ct)));
        field.Clock.Now += TimeSpan.FromSeconds(1);
        await field.Receipt(handoff.Erasure(field.Shelter, ErasureAct.Erased));

        Assert.Null(await Due(field, handoff));
        field.Clock.Now += TimeSpan.FromSeconds(1);
        await field.Refused(Refusal.CustodyForbids, handoff.Erasure(field.Shelter, ErasureAct.Erased));
        var report = await field.Report(await field.Bundle(handoff, field.Police));
        Assert.Null(report.Finding);
        field.Clock.Now += TimeSpan.FromDays(2);
        Assert.Equal(0, await field.Chase()); // nobody is called overdue who has answered
    }

    [Fact]
    public async Task What_the_recipient_erased_unasked_the_hub_erases_too_and_nothing_that_came_back_to_the_sender()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Completed);
        await field.Receipt(handoff.Erasure(field.Shelter, ErasureAct.Erased));

        Assert.Equal(2, await Sweep(field));
        var parts = await field.Use(db => db.Set<ReferralHub.Hub.Parts.SealedPart>().AsNoTracking().Where(p => p.Referral == handoff.Referral.ReferralId).ToListAsync(Ct));
        Assert.Equal([(Part.Note, true), (Part.Record, false), (Part.Summary, false)], parts.Select(p => (p.Part!.Value, p.Whole)).OrderBy(p => $"{p.Value}"));
    }

    [Fact]
    public async Task A_revocation_told_to_the_recipient_goes_to_the_sender_who_alone_can_revoke()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Accepted);
        await field.Refused(Refusal.CustodyForbids, handoff.Notice(field.Police));
        await field.Receipt(handoff.Notice(field.Shelter));
        Assert.IsNotType<ProblemHttpResult>(await field.Post(handoff.Request(Part.Record, field.Shelter)));
    }

    [Fact]
    public async Task A_hold_and_a_revocation_are_in_the_evidence_and_verify()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented();
        var handoff = await field.Handoff(HandoffState.Accepted, consent);
        await field.Takes(await field.Approved(handoff.Hold(field.Shelter, HoldAct.Placed)));
        await field.Receipt(handoff.Notice(field.Shelter));
        await field.Receipt(field.NewRevocation(consent));
        await field.Receipt(handoff.Erasure(field.Shelter, ErasureAct.Kept, KeepGround.LegalHold));

        var report = await field.Report(await field.Bundle(handoff, field.Shelter));

        Assert.Null(report.Finding);
        Assert.Equal(
            [StatementKind.Approval, StatementKind.LegalHold, StatementKind.RevocationNotice, StatementKind.ConsentRevocation, StatementKind.ErasureReceipt],
            report.Story!.Acts.Select(act => act.Statement?.Kind).OfType<StatementKind>()
                .Where(kind => kind is StatementKind.Approval or StatementKind.LegalHold or StatementKind.RevocationNotice or StatementKind.ConsentRevocation or StatementKind.ErasureReceipt));
    }

    [Fact]
    public async Task A_referral_without_consent_goes_with_a_second_person_s_word_and_for_review()
    {
        await using var field = await TestField.Start();
        var referral = await field.NewStatutory();
        var refused = await field.Refused(Refusal.ConsentRefused, referral);
        Assert.Equal(["not-approved"], (IEnumerable<string>)refused.ProblemDetails.Extensions["reasons"]!);

        await field.Takes(await field.Approved(referral));

        var recorded = (await field.Events())[^1];
        Assert.Equal(Verdict.PermitWithReview, recorded.Decision!.Verdict);
        Assert.Equal([ReviewCause.Basis], recorded.Decision.Review!);
    }

    [Fact]
    public async Task An_approval_is_for_one_statement_and_no_other()
    {
        await using var field = await TestField.Start();
        var referral = await field.NewStatutory();
        await field.Approved(referral);
        await field.Refused(Refusal.ConsentRefused, referral with { Urgency = Urgency.Planned });
    }

    [Fact]
    public async Task What_rests_on_another_basis_is_not_stopped_by_a_withdrawal_and_its_events_say_so()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented();
        var referral = (await field.NewStatutory(consent.ConsentId)) with { Case = consent.Case };
        var signed = await field.Approved(referral);
        await field.Takes(signed);
        await field.Receipt(field.NewRevocation(consent));

        var request = new ReleaseRequest
        {
            Issuer = field.Shelter.Id,
            IssuedAt = field.In(default),
            Directory = TestField.Nowhere,
            AuditLog = TestField.Nowhere,
            Referral = referral.ReferralId,
            After = signed.Id,
            Part = Part.Summary,
            Sha256 = referral.Parts[0].Sha256,
            Purpose = Purpose.Protection,
        };
        Assert.IsNotType<ProblemHttpResult>(await field.Post(request));

        Assert.Equal([ReviewCause.Basis, ReviewCause.ConsentRevoked], (await field.Events())[^1].Decision!.Review!);
        Assert.Equal(0, await Sweep(field));
    }

    [Fact]
    public async Task The_parts_of_a_referral_without_consent_are_erased_when_the_agreement_says_so()
    {
        await using var field = await TestField.Start();
        await field.Takes(await field.Approved(await field.NewStatutory()));
        field.Clock.Now += TimeSpan.FromDays(90) - TimeSpan.FromSeconds(1);
        Assert.Equal(0, await Sweep(field));
        field.Clock.Now += TimeSpan.FromSeconds(1);
        Assert.Equal(2, await Sweep(field));
    }

    [Fact]
    public async Task A_record_that_is_released_on_delivery_waits_for_delivery_and_no_longer()
    {
        await using var field = await TestField.Start();
        var referral = (await field.NewReferral(await field.Consented())) with { Release = ReleaseRule.OnDelivery, ReleaseReason = ReleaseReason.EvidenceWindow };
        var handoff = new TestHandoff(field, referral);
        await handoff.Send();
        Assert.Equal([ReviewCause.OnDelivery], (await field.Events())[^1].Decision!.Review!);
        await field.Refused(Refusal.NotReleasable, handoff.Request(Part.Record, field.Shelter));
        await handoff.Do(HandoffAct.Delivered);
        Assert.IsNotType<ProblemHttpResult>(await field.Post(handoff.Request(Part.Record, field.Shelter)));
        Assert.Null((await field.Report(await field.Bundle(handoff, field.Police))).Finding);
    }

    private static Task<int> Sweep(TestField field) => field.Use(db => SweepParts.RunOnce(db, field.Hub.Uploads, Ct));

    private static Task<DateTimeOffset?> Due(TestField field, TestHandoff handoff) => field.Use(async db =>
        (await db.Set<ReferralRecord>().SingleAsync(r => r.Id == handoff.Referral.ReferralId, Ct)).ErasureDue);

    private static Task<List<bool>> Whole(TestField field, TestHandoff handoff) => field.Use(db =>
        db.Set<ReferralHub.Hub.Parts.SealedPart>().AsNoTracking().Where(p => p.Referral == handoff.Referral.ReferralId).Select(p => p.Whole).ToListAsync(Ct));
}
