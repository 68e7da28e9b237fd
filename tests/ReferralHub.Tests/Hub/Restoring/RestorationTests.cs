using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Clocks;
using ReferralHub.Hub.Commands;
using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Profiles;
using ReferralHub.Hub.Referrals;
using ReferralHub.Hub.Restoring;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Restoring;

/// <summary>A hub out of a backup: what it had taken since comes back as it was. Spec: docs/protocol.md §4.7.</summary>
[Trait("store", "each")]
public sealed class RestorationTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_taken_since_the_backup_comes_back_as_it_was()
    {
        await using var test = await TestRestoration.Start();
        var open = await test.Lost.Handoff(HandoffState.Delivered);
        await test.Lost.Sequence();
        await test.Backup();
        await Live(test, open);

        await test.Restore();
        foreach (var agency in new[] { test.Lost.Shelter, test.Lost.Police, test.Lost.Ngo }) await test.HandIn(agency);
        var opened = await test.Open();

        Assert.Empty(opened.Aside);
        Assert.Equal(await TestRestoration.EventsOf(test.Lost), await TestRestoration.EventsOf(test.Restored));
        Assert.Equal(await Tables(test.Lost), await Tables(test.Restored));
        var found = await test.Restored.Use(db => VerifyLogs.Run(db, test.Restored.Hub.Keys, full: true, Ct));
        Assert.Null(found.Wrong);
    }

    [Fact]
    public async Task The_new_log_names_the_newest_head_that_anybody_holds_and_goes_on()
    {
        await using var test = await TestRestoration.Start();
        var open = await test.Lost.Handoff(HandoffState.Acknowledged);
        await test.Lost.Sequence();
        await test.Backup();
        var kept = (await test.Lost.Events()).Count;
        await open.Do(HandoffAct.Accepted);
        await test.Lost.Sequence();
        var head = await test.Lost.Use(db => db.Set<ReferralHub.Hub.Log.LogHead>().SingleAsync(h => h.Log == ReferralHub.Hub.Log.LogName.Audit, Ct));

        await test.Restore();
        await test.HandIn(test.Lost.Shelter);
        var opened = await test.Open();

        Assert.Equal((2, new FormerLog("hub.test/audit", head.Size, head.Root, kept, 1)), (opened.Number, opened.Former));
        var first = await test.Restored.Use(db => db.Set<AuditRecord>().AsNoTracking().SingleAsync(r => r.Index == 0, Ct));
        Assert.Equal((AuditEventCode.LogOpened, opened.Former), (first.Read().Event, first.Read().Former));
        await open.At(test.Restored).Do(HandoffAct.InProgress);
    }

    [Fact]
    public async Task What_is_signed_before_its_gateway_heard_of_the_new_log_names_a_head_of_the_former_and_no_larger_one()
    {
        await using var test = await TestRestoration.Start();
        var open = await test.Lost.Handoff(HandoffState.Acknowledged);
        await test.Lost.Sequence();
        await test.Backup();
        await test.Restore();
        var former = (await test.Open()).Former;
        var field = test.Restored;
        var act = await field.Heads(open.At(field).Act(HandoffAct.Accepted));

        await field.Refused(Refusal.UnknownHead, field.Shelter.Sign(act with { AuditLog = new(former.Size + 1, former.Root) }));
        await field.Takes(field.Shelter.Sign(act with { AuditLog = new(former.Size, former.Root) }));
    }

    [Fact]
    public async Task The_verifier_explains_the_seam()
    {
        await using var test = await TestRestoration.Start();
        var open = await test.AcceptAfterBackup();
        await test.Lost.Takes(test.Lost.Shelter.Sign(await test.Lost.Heads(open.Request(Part.Record, test.Lost.Shelter))), answer: false);
        await test.Lost.Sequence();
        await test.Restore();
        await test.HandIn(test.Lost.Shelter);
        await test.Open();
        var again = open.At(test.Restored);
        await again.Do(HandoffAct.InProgress);

        var report = await test.Restored.Report(await test.Restored.Bundle(again, test.Restored.Police));

        Assert.Null(report.Finding);
        var story = report.Story!;
        Assert.Equal((HandoffState.InProgress, "hub.test/audit", 2), (story.State, story.Restorations.Single().Former.Origin, (int)story.Restorations.Single().Former.Returned));
        Assert.Equal([HandoffAct.Accepted, null], story.Acts.Where(act => act.CameBack).Select(act => act.Statement!.Does));
    }

    [Fact]
    public async Task What_was_suspect_is_suspect_in_the_new_log_and_nothing_else_is()
    {
        await using var test = await TestRestoration.Start();
        var (field, police) = (test.Lost, test.Lost.Police);
        var sent = await field.Handoff(HandoffState.Sent);
        var story = (await field.Report(await field.Bundle(sent, field.Shelter))).Story!;
        using var fresh = TestHub.NewKey();
        await Enter((await Identity.AgencyEventTests.Next(field.Hub, police.Id, AgencyChangeCode.RotateSigning) with { Signing = fresh.VerifyingKey }).Sign(police.Key, fresh));
        var since = story.Acts.Single(act => act.Statement is Referral).Index; // the consent stands right before
        await Enter((await Identity.AgencyEventTests.Next(field.Hub, police.Id, AgencyChangeCode.Revoke) with { Signing = police.Key.VerifyingKey, CompromisedSince = since }).Sign(fresh));
        Assert.Equal([StatementKind.Referral], await Suspects(field));

        await test.Backup();
        await test.Restore();
        await test.Open();

        Assert.Equal([StatementKind.Referral], await Suspects(test.Restored));

        Task Enter(CoSigned signed) => field.Hub.Use(db => EnterEvent.Run(db, field.Hub.Keys, field.Hub.Agencies, signed, Ct));

        async Task<IEnumerable<StatementKind>> Suspects(TestField at)
        {
            var report = await at.Report(await at.Bundle(sent.At(at), at.Shelter));
            Assert.Null(report.Finding);
            return report.Story!.Suspects.Select(act => act.Statement!.Kind);
        }
    }

    [Fact]
    public async Task A_second_restoration_keeps_what_the_first_brought_back()
    {
        await using var test = await TestRestoration.Start();
        var open = await test.Lost.Handoff(HandoffState.Acknowledged);
        await test.Backup();
        await open.Do(HandoffAct.Accepted);
        await test.Lost.Sequence();
        await test.Restore();
        await test.HandIn(test.Lost.Shelter);
        await test.Open();
        await using var second = test.Again();
        await second.Backup();
        var again = open.At(second.Lost);
        await again.Do(HandoffAct.InProgress);
        await second.Lost.Sequence();

        await second.Restore();
        await second.HandIn(second.Lost.Shelter);
        var opened = await second.Open();

        Assert.Equal((3, "hub.test/audit/2", 1), (opened.Number, opened.Former.Origin, opened.Former.Returned));
        var report = await second.Restored.Report(await second.Restored.Bundle(again.At(second.Restored), second.Restored.Shelter));
        Assert.Null(report.Finding);
        Assert.Equal(["hub.test/audit", "hub.test/audit/2"], report.Story!.Restorations.Select(r => r.Former.Origin));
        Assert.Equal(HandoffState.InProgress, report.Story.State);
    }

    [Fact]
    public async Task A_receipt_alone_brings_a_statement_back_at_its_time_with_a_new_promise()
    {
        await using var test = await TestRestoration.Start();
        var open = await test.Lost.Handoff(HandoffState.Acknowledged);
        await test.Lost.Sequence();
        await test.Backup();
        var at = test.Lost.In(TimeSpan.Zero);
        await open.Do(HandoffAct.Accepted);
        test.Lost.Clock.Now += TimeSpan.FromDays(40); // its consent has run out meanwhile

        await test.Restore();
        await test.HandIn(test.Lost.Shelter, proved: false);
        var opened = await test.Open();

        Assert.Equal((1, 0), ((int)opened.Former.Returned, opened.Aside.Count));
        var stored = await test.Restored.Use(db => db.Set<StoredStatement>().Include(s => s.Event).AsNoTracking().SingleAsync(s => s.Id == open.After, Ct));
        Assert.Equal(at, stored.Event.Read().At);
        Assert.True(SignedStatement.TryRead(stored.Receipt!, out var receipt));
        Assert.Equal(Convert.ToHexStringLower(stored.Event.Leaf()), ((HubReceipt)receipt.Statement).Leaf);
    }

    [Fact]
    public async Task The_issuers_receipt_and_the_other_sides_event_prove_together_what_neither_does()
    {
        await using var test = await TestRestoration.Start();
        var open = await test.AcceptAfterBackup();
        await Relay(test.Lost);

        await test.Restore();
        await test.HandIn(test.Lost.Police, proved: false);
        await test.HandIn(test.Lost.Shelter, proved: false);
        var opened = await test.Open();

        Assert.Equal((1, 0), ((int)opened.Former.Returned, opened.Aside.Count));
        Assert.Equal(await TestRestoration.EventsOf(test.Lost), await TestRestoration.EventsOf(test.Restored));
    }

    [Fact]
    public async Task What_the_hub_had_said_is_not_said_again()
    {
        await using var test = await TestRestoration.Start();
        var open = await test.Lost.Handoff(HandoffState.Delivered);
        await test.Lost.Sequence();
        await test.Backup();
        test.Lost.Clock.Now += TimeSpan.FromHours(7);
        Assert.Equal(2, await test.Lost.Climb());
        await Relay(test.Lost);
        await test.Lost.Sequence();

        await test.Restore();
        await test.HandIn(test.Lost.Police);
        var opened = await test.Open();

        Assert.Equal(2, opened.Former.Returned);
        Assert.Equal(0, await test.Restored.Climb());
        Assert.Equal(open.Referral.ReferralId, await test.Restored.Use(db => db.Set<ClockRecord>().Select(c => c.Referral).SingleAsync(Ct)));
    }

    [Fact]
    public async Task What_ended_by_the_hub_s_word_is_erased_as_soon_as_it_would_have_been()
    {
        await using var test = await TestRestoration.Start();
        var proposal = test.Lost.Police.Sign(await test.Lost.Heads(test.Lost.NewAgreement() with { EraseAfterDays = 7 }));
        await test.Lost.Takes(proposal);
        await test.Lost.Receipt(test.Lost.Accepting((Agreement)proposal.Statement, proposal.Id));
        var sent = await test.Lost.Handoff(HandoffState.Sent);
        await test.Lost.Sequence();
        await test.Backup();
        await sent.Expire();
        await Relay(test.Lost);
        await test.Lost.Sequence();

        await test.Restore();
        await test.HandIn(test.Lost.Police);
        await test.Open();

        Assert.Equal([sent.Referral.Expires.AddDays(7), sent.Referral.Expires.AddDays(7)], await Ends(test.Lost));
        Assert.Equal(await Ends(test.Lost), await Ends(test.Restored));

        static Task<List<DateTimeOffset?>> Ends(TestField field) =>
            field.Use(db => db.Set<ReferralHub.Hub.Parts.SealedPart>().OrderBy(p => p.Sha256).Select(p => p.EraseAt).ToListAsync(Ct));
    }

    [Fact]
    public async Task The_same_statement_again_gets_the_answer_it_had()
    {
        await using var test = await TestRestoration.Start();
        var open = await test.Lost.Handoff(HandoffState.Acknowledged);
        await test.Lost.Sequence();
        await test.Backup();
        var accepted = test.Lost.Shelter.Sign(await test.Lost.Heads(open.Act(HandoffAct.Accepted)));
        var answer = TestField.TokenOf(await test.Lost.Post(accepted));
        await test.Lost.Sequence();

        await test.Restore();
        await test.HandIn(test.Lost.Shelter);
        await test.Open();
        var again = Assert.IsType<ContentHttpResult>(await test.Restored.Post(accepted));

        Assert.Equal((200, answer), (again.StatusCode, again.ResponseContent));
    }

    [Fact]
    public async Task Who_sent_is_asked_for_the_parts_that_are_not_here_any_more()
    {
        await using var test = await TestRestoration.Start();
        await test.Backup();
        var sent = await test.Lost.Handoff(HandoffState.Sent);
        await test.Restore();

        var shown = new RestorationRequest(Statements: await test.Holds(test.Lost.Police), Done: true);
        var answer = Assert.IsType<Ok<RestorationAnswer>>((await test.Post(test.Lost.Police, shown)).Result).Value!;

        Assert.Equal(sent.Referral.Parts.Select(part => part.Sha256.ToString()).Order(), answer.Parts.Order());
    }

    // One of each: every rule that can take effect again.
    private static async Task Live(TestRestoration test, TestHandoff open)
    {
        var field = test.Lost;
        await field.Receipt(Profiles.PublishProfileTests.New(field));
        await open.Do(HandoffAct.Acknowledged);
        await open.Do(HandoffAct.InformationRequested);
        await open.Do(HandoffAct.InformationProvided);
        await open.Do(HandoffAct.Accepted);
        await field.Takes(field.Shelter.Sign(await field.Heads(open.Request(Part.Record, field.Shelter))), answer: false);
        await field.Takes(field.Shelter.Sign(await field.Heads(open.Access(Part.Record, field.Shelter))));
        await open.Do(HandoffAct.InterimNote);

        var consent = await field.Consented();
        var revoked = await field.Handoff(HandoffState.Accepted, consent);
        await field.Takes(field.Shelter.Sign(await field.Heads(revoked.Request(Part.Summary, field.Shelter))), answer: false);
        await field.Takes(await field.Approved(revoked.Hold(field.Shelter, HoldAct.Placed)));
        await field.Takes(field.Shelter.Sign(await field.Heads(revoked.Notice(field.Shelter))));
        await field.Receipt(field.NewRevocation(consent));
        await field.Takes(field.Shelter.Sign(await field.Heads(revoked.Erasure(field.Shelter, ErasureAct.Kept, KeepGround.LegalHold))));

        await field.Takes(await field.Approved(await field.NewStatutory()));
        await field.Coordinate(open.Referral.ReferralId, CoordinatorActCode.Nudged, act => act with { Party = Party.Sender });
        await field.Handoff(HandoffState.LoopClosed);
        await field.Handoff(HandoffState.HandedBack);
        await field.Hub.AddPolicy("later");
        field.Clock.Now += TimeSpan.FromDays(4);
        await field.Climb();
        await field.Chase();
        await field.Handoff(HandoffState.Expired);
        await Relay(field);
        await field.Sequence();
    }

    // What the hub keeps beside statements and events; ids of rows and the hub's own bookkeeping are its own.
    private static Task<string> Tables(TestField field) => field.Use(async db => JsonSerializer.Serialize(
        new object[]
        {
            await db.Set<ReferralRecord>().AsNoTracking().OrderBy(r => r.Id).ToListAsync(Ct),
            await db.Set<ClockRecord>().AsNoTracking().OrderBy(c => c.Referral).Select(c => new { c.Referral, c.State, c.After, c.Kind, c.Since, c.Due, c.Spoke, c.NextAt }).ToListAsync(Ct),
            await db.Set<OwedRecord>().AsNoTracking().OrderBy(o => o.Referral).ThenBy(o => o.Kind).ToListAsync(Ct),
            await db.Set<ConsentRecord>().AsNoTracking().OrderBy(c => c.Id).ToListAsync(Ct),
            await db.Set<AgreementRecord>().AsNoTracking().OrderBy(a => a.Id).ToListAsync(Ct),
            await db.Set<ApprovalRecord>().AsNoTracking().OrderBy(a => a.Statement).ToListAsync(Ct),
            await db.Set<PublishedRecord>().AsNoTracking().OrderBy(p => p.Agency).ToListAsync(Ct),
            await db.Set<ReferralHub.Hub.Parts.SealedPart>().AsNoTracking().OrderBy(p => p.Sha256).Select(p => new { p.Sha256, p.Referral, p.Part, p.Held }).ToListAsync(Ct),
            await db.Set<StoredStatement>().AsNoTracking().OrderBy(s => s.Id).Select(s => new { s.Id, s.Referral, s.SetsState, s.Receipt }).ToListAsync(Ct),
        },
        StrictJson.Options));

    private static Task Relay(TestField field) => Notifications.ReadFeedTests.Deliver(field);
}
