using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Commands;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Referrals;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Referrals;

public sealed class CoordinateTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_coordinator_nudges_escalates_and_names_alternates_and_moves_nothing()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Delivered);
        var id = handoff.Referral.ReferralId;
        Assert.Null(await field.Coordinate(id, CoordinatorActCode.Nudged, act => act with { Party = Party.Recipient }));
        Assert.Null(await field.Coordinate(id, CoordinatorActCode.Escalated, act => act with { Party = Party.Recipient }));
        Assert.Null(await field.Coordinate(id, CoordinatorActCode.Alternates, act => act with { Agencies = [field.Ngo.Id] }));
        await handoff.Do(HandoffAct.Acknowledged);

        var last = (await field.Events()).Where(e => e.Kind == StatementKind.CoordinatorAct).ToList();
        Assert.Equal(3, last.Count);
        Assert.All(last, e => Assert.Equal((null, HandoffState.Delivered, AuditEventCode.StatementRecorded), (e.Agency, e.State!.Value, e.Event)));
        var told = await field.Use(db => db.Set<OutboxMessage>().AsNoTracking().CountAsync(m => m.Type == "statement-recorded", Ct));
        Assert.True(told >= 6, "both parties are told of each");
        var report = await field.Report(await field.Bundle(handoff, field.Police));
        Assert.Equal((null, HandoffState.Acknowledged), (report.Finding, report.Story?.State));
    }

    [Fact]
    public async Task Nobody_is_asked_about_what_is_over_or_unknown_and_no_party_is_its_own_alternate()
    {
        await using var field = await TestField.Start();
        var over = await field.Handoff(HandoffState.Declined);
        var open = await field.Handoff();
        var events = (await field.Events()).Count;
        Assert.Equal(CoordinateFault.Over, await field.Coordinate(over.Referral.ReferralId, CoordinatorActCode.Nudged, act => act with { Party = Party.Sender }));
        Assert.Equal(CoordinateFault.NoReferral, await field.Coordinate(field.NewId(), CoordinatorActCode.Nudged, act => act with { Party = Party.Sender }));
        foreach (var agency in new[] { field.Police.Id, field.Shelter.Id, AgencyId.Parse("nobody") })
            Assert.Equal(CoordinateFault.Agencies, await field.Coordinate(open.Referral.ReferralId, CoordinatorActCode.Alternates, act => act with { Agencies = [agency] }));
        Assert.Equal(events, (await field.Events()).Count);
    }

    [Fact]
    public async Task Every_referral_without_consent_is_reviewed_within_72_hours_or_called_overdue_once()
    {
        await using var field = await TestField.Start();
        var sent = field.Clock.Now;
        await field.Takes(await field.Approved(await field.NewStatutory()));
        var reviewed = await field.NewStatutory();
        await field.Takes(await field.Approved(reviewed));
        var byConsent = await field.Handoff();
        Assert.Null(await field.Coordinate(reviewed.ReferralId, CoordinatorActCode.Reviewed, act => act with { Finding = ReviewFinding.InOrder }));

        field.Clock.Now = sent.AddHours(72).AddSeconds(-1);
        Assert.Equal(0, await field.Chase());
        field.Clock.Now = sent.AddHours(72).AddSeconds(1);
        Assert.Equal(1, (await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(field.Chase, Ct)))).Sum());
        Assert.Equal(0, await field.Chase());

        var said = Assert.Single(await Overdue(field));
        Assert.Equal((ClockKind.Review, ClockStep.Breach), (said.Clock!.Value, said.Step!.Value));
        Assert.NotEqual(byConsent.Referral.ReferralId, said.Referral);
    }

    [Fact]
    public async Task What_waits_for_a_review_is_listed_by_its_coded_facts_without_the_case_code_until_it_was_reviewed()
    {
        await using var field = await TestField.Start();
        var sent = WireTime.Whole(field.Clock.Now);
        var (first, reviewed) = (await field.NewStatutory(), await field.NewStatutory());
        foreach (var referral in new[] { first, reviewed }) await field.Takes(await field.Approved(referral));
        await field.Handoff();
        Assert.Equal(2, (await field.Use(db => Reviews.Read(db, Ct))).Count);
        Assert.Null(await field.Coordinate(reviewed.ReferralId, CoordinatorActCode.Reviewed, act => act with { Finding = ReviewFinding.InOrder }));

        var waiting = Assert.Single(await field.Use(db => Reviews.Read(db, Ct)));
        Assert.Equal((first.ReferralId, sent.AddHours(72)), (waiting.Said.ReferralId, waiting.Due));
        var line = CoordinatorCommands.Line(waiting, waiting.Due);
        Assert.Contains("OVERDUE", line, StringComparison.Ordinal);
        Assert.Contains("risk-of-significant-harm", line, StringComparison.Ordinal);
        Assert.DoesNotContain(first.Case.ToString(), line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_review_can_come_after_the_handoff_is_over()
    {
        await using var field = await TestField.Start();
        var over = await field.Handoff(HandoffState.Declined);
        Assert.Null(await field.Coordinate(over.Referral.ReferralId, CoordinatorActCode.Reviewed, act => act with { Finding = ReviewFinding.ToBeFollowedUp }));
        Assert.Null((await field.Report(await field.Bundle(over, field.Police))).Finding);
    }

    [Fact]
    public async Task A_holder_that_does_not_answer_a_revocation_in_time_is_called_overdue_and_the_revoker_is_told()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented();
        var handoff = await field.Handoff(HandoffState.Acknowledged, consent);
        await handoff.Do(HandoffAct.Accepted);
        await field.Post(handoff.Request(Part.Record, field.Shelter));
        await field.Receipt(field.NewRevocation(consent));
        field.Clock.Now += TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1);
        Assert.Equal(0, await field.Chase());
        field.Clock.Now += TimeSpan.FromSeconds(1);
        Assert.Equal(1, await field.Chase());

        var said = Assert.Single(await Overdue(field), act => act.Clock is ClockKind.Erase);
        Assert.Equal(field.In(default), said.Due);
        Assert.Null((await field.Report(await field.Bundle(handoff, field.Police))).Finding);
    }

    private static Task<List<HubAct>> Overdue(TestField field) => field.Use(async db =>
        (await db.Set<StoredStatement>().AsNoTracking().OrderBy(s => s.EventId).Select(s => s.Token).ToListAsync(Ct))
            .Select(token => StoredStatement.Read(token).Statement).OfType<HubAct>().Where(act => act.Act is HubActCode.Overdue).ToList());
}
