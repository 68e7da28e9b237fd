using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Clocks;
using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Erasing;
using ReferralHub.Hub.Notifications;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Referrals;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using static ReferralHub.Tests.Hub.Erasing.TestErasing;
using SealedPart = ReferralHub.Hub.Parts.SealedPart;

namespace ReferralHub.Tests.Hub.Erasing;

/// <summary>How long the hub keeps its records of a handoff that is over, docs/protocol.md §4.8.</summary>
[Trait("store", "each")]
public sealed class EraseRecordsTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<HandoffState> Ends => [.. Enum.GetValues<HandoffState>().Where(Handoff.IsTerminal)];

    [Fact]
    public async Task When_its_days_are_over_nothing_is_left_but_leaves_and_the_event_that_says_so()
    {
        await using var field = await Start();
        await field.Hub.AddPolicy("other"); // which keeps what belongs to nobody
        var agreed = (await field.Events()).Count;
        var signed = await field.Approved(await field.NewReferral(await field.Consented()));
        await field.Takes(signed);
        await field.Refused(Refusal.NotReleasable, new TestHandoff(field, (Referral)signed.Statement).Request(Part.Record, field.Shelter) with { After = signed.Id });
        await field.Takes(field.Police.Sign(await field.Heads(Withdrawn(field, (Referral)signed.Statement, signed.Id))));
        await field.Pass();
        field.Clock.Now -= Second;
        Assert.Equal(0, await field.Erase());

        field.Clock.Now += Second;
        var before = await field.Events();
        Assert.Equal(7, await field.Erase()); // consent, approval, referral, refusal, withdrawal, two parts erased

        Assert.Equal((0, 0, 0, 0, 0, 0), await field.Use(async db => (
            await db.Set<ReferralRecord>().CountAsync(Ct), await db.Set<ConsentRecord>().CountAsync(Ct), await db.Set<ApprovalRecord>().CountAsync(Ct),
            await db.Set<ClockRecord>().CountAsync(Ct), await db.Set<SealedPart>().CountAsync(Ct), await db.Set<StoredStatement>().CountAsync(s => s.Referral != null, Ct))));
        var left = await field.Events();
        Assert.Equal(before.Take(agreed).Select(happened => happened.ToBytes()), left.Take(agreed).Select(happened => happened.ToBytes()));
        var erasures = left.Skip(agreed).ToList();
        Assert.All(erasures, erasure => Assert.Equal((AuditEventCode.Erased, "default@2", null, null), (erasure.Event, erasure.Rule, erasure.Agency, erasure.Referral)));
        Assert.Equal(Enumerable.Range(agreed, 7).Select(index => (long)index), erasures.SelectMany(erasure => erasure.Places!).Order());
        var found = await field.Verify();
        Assert.Equal((null, 7, left.Count), (found.Wrong, (int)found.Erased, (int)found.Opened));
        Assert.Equal(0, await field.Erase());
    }

    [Theory, MemberData(nameof(Ends))]
    public async Task However_it_ended(HandoffState end)
    {
        await using var field = await Start();
        await field.Handoff(end);

        await field.Pass(Days - 1);
        Assert.Equal(0, await field.Erase());
        await field.Pass(1);
        Assert.True(await field.Erase() > 4);
        Assert.Empty(await field.Use(db => db.Set<ReferralRecord>().ToListAsync(Ct)));
    }

    [Fact]
    public async Task What_is_not_over_stays_with_its_consent()
    {
        await using var field = await Start();
        await field.Handoff(HandoffState.Completed);

        await field.Pass(10 * Days);

        Assert.Equal(0, await field.Erase());
        Assert.Single(await field.Use(db => db.Set<ConsentRecord>().ToListAsync(Ct)));
    }

    [Fact]
    public async Task Without_a_rule_all_stays_and_a_longer_one_keeps_longer()
    {
        await using var field = await TestField.Start();
        await field.Handoff(HandoffState.LoopClosed);
        await field.Pass(10 * Days);
        Assert.Equal(0, await field.Erase());

        await field.Hub.AddPolicy(version: 2, keepRecordsDays: 11 * Days);
        Assert.Equal(0, await field.Erase());
        await field.Hub.AddPolicy(version: 3, keepRecordsDays: 9 * Days);
        Assert.True(await field.Erase() > 0);
    }

    [Fact]
    public async Task The_days_begin_anew_with_whatever_anybody_does_with_it_but_not_with_what_is_refused()
    {
        await using var field = await Start();
        var handoff = await field.Handoff(HandoffState.LoopClosed);
        await field.Pass(Days - 1);
        await field.Receipt(handoff.Access(Part.Record, field.Shelter));
        await field.Pass(Days - 1);
        Assert.Equal(0, await field.Erase());
        await field.Bundle(handoff, field.Police);
        await field.Pass(Days - 1);
        Assert.Equal(0, await field.Erase());

        await field.Refused(Refusal.PartErased, handoff.Request(Part.Note, field.Police));
        await field.Pass(1);
        Assert.True(await field.Erase() > 0);
    }

    [Fact]
    public async Task A_legal_hold_of_either_side_keeps_it_until_it_is_released()
    {
        await using var field = await Start();
        var handoff = await field.Handoff(HandoffState.LoopClosed);
        await field.Pass(Days - 1); // its parts are gone, which a hold would keep as well
        foreach (var party in new[] { field.Police, field.Shelter })
        {
            await field.Takes(await field.Approved(handoff.Hold(party, HoldAct.Placed)));
            await field.Pass(2 * Days);
            Assert.Equal(0, await field.Erase());
            await field.Takes(await field.Approved(handoff.Hold(party, HoldAct.Released)));
        }

        await field.Pass();
        Assert.True(await field.Erase() > 0);
    }

    [Fact]
    public async Task Sealed_parts_go_first()
    {
        await using var field = await Start();
        await field.Handoff(HandoffState.LoopClosed);
        await field.Deliver();
        field.Clock.Now += TimeSpan.FromDays(2 * Days);
        Assert.Equal(0, await field.Erase());

        await field.Sweep();
        Assert.True(await field.Erase() > 0);
    }

    [Fact]
    public async Task What_is_owed_keeps_it_until_it_is_settled()
    {
        await using var field = await Start();
        var consent = await field.Consented();
        var handoff = await field.Handoff(HandoffState.Accepted, consent);
        await field.Takes(field.Shelter.Sign(await field.Heads(handoff.Request(Part.Record, field.Shelter))), answer: false);
        await field.Receipt(field.NewRevocation(consent));
        await handoff.Do(HandoffAct.EnteredInError);
        await field.Chase();
        await field.Pass(2 * Days);
        Assert.Equal(0, await field.Erase());

        await field.Receipt(handoff.Erasure(field.Shelter, ErasureAct.Erased));
        await field.Pass();
        Assert.True(await field.Erase() > 0);
        Assert.Empty(await field.Use(db => db.Set<ConsentRecord>().ToListAsync(Ct)));
    }

    [Fact]
    public async Task A_message_that_waits_or_is_parked_keeps_it()
    {
        await using var field = await Start();
        var id = (await field.Handoff(HandoffState.Undeliverable)).Referral.ReferralId;
        field.Clock.Now += TimeSpan.FromDays(Days);
        await field.Sweep();
        Assert.Equal(0, await field.Erase());
        await field.Deliver();
        await Park(field, id.ToString());
        Assert.Equal(0, await field.Erase());

        await field.Use(db => db.Set<ParkedMessage>().ExecuteDeleteAsync(Ct));
        Assert.True(await field.Erase() > 0);
        Assert.DoesNotContain(await field.Events(), happened => happened.Referral == id);
    }

    [Fact]
    public async Task An_event_without_a_place_keeps_it_for_a_while()
    {
        await using var field = await Start();
        var handoff = await field.Handoff(HandoffState.Undeliverable);
        await field.Pass();
        await field.Refused(Refusal.NotReleasable, handoff.Request(Part.Record, field.Shelter));

        Assert.Equal(0, await field.Use(db => EraseRecords.RunOnce(db, field.Hub.Agencies, Ct)));
        Assert.True(await field.Erase() > 0);
    }

    [Fact]
    public async Task Others_stay_whole_and_a_consent_stays_for_the_last_that_rests_on_it()
    {
        await using var field = await Start();
        var consent = await field.Consented(said => said with { ValidUntil = field.In(TimeSpan.FromDays(300)), EraseAt = field.In(TimeSpan.FromDays(310)) });
        var old = await field.Handoff(HandoffState.LoopClosed, consent);
        field.Clock.Now += TimeSpan.FromDays(200);
        var young = await field.Handoff(HandoffState.LoopClosed, consent);
        await field.Pass(Days - 200);

        Assert.True(await field.Erase() > 0);

        Assert.Equal([young.Referral.ReferralId], await field.Use(db => db.Set<ReferralRecord>().Select(r => r.Id).ToListAsync(Ct)));
        var report = await field.Report(await field.Bundle(young, field.Shelter));
        Assert.Equal((null, HandoffState.LoopClosed), (report.Finding, report.Story?.State));
        Assert.Equal(Refusal.NotFound.Urned(), Assert.IsType<ProblemHttpResult>(await field.Evidence(old.Referral.ReferralId.ToString(), field.Police)).ProblemDetails.Type);
        await field.Pass();
        Assert.True(await field.Erase() > 0);
        Assert.Empty(await field.Use(db => db.Set<ConsentRecord>().ToListAsync(Ct)));
    }

    [Fact]
    public async Task A_consent_that_nothing_rests_on_goes_with_its_revocation_once_both_are_old_and_it_has_run_out()
    {
        await using var field = await Start();
        var consent = await field.Consented(said => said with { ValidUntil = field.In(TimeSpan.FromDays(3 * Days)), EraseAt = field.In(TimeSpan.FromDays(3 * Days)) });
        await field.Pass(2 * Days);
        Assert.Equal(0, await field.Erase());
        await field.Pass(Days - 1);
        await field.Receipt(field.NewRevocation(consent));
        await field.Pass(1);
        Assert.Equal(0, await field.Erase());

        await field.Pass(Days - 1);
        Assert.Equal(2, await field.Erase());
        Assert.Null((await field.Verify()).Wrong);
    }

    [Fact]
    public async Task What_a_party_kept_still_verifies_and_the_hub_says_that_it_has_it_no_more()
    {
        await using var field = await Start();
        var handoff = await field.Handoff(HandoffState.Declined);
        await field.Sequence();
        var kept = Assert.IsType<Ok<Receipt>>(await Ask(field, handoff.After)).Value!;
        var bundle = await field.Bundle(handoff, field.Police);
        await field.Pass();

        Assert.True(await field.Erase() > 0);

        Assert.Equal(Refusal.RecordErased.Urned(), Assert.IsType<ProblemHttpResult>(await Ask(field, handoff.After)).ProblemDetails.Type);
        Assert.Equal(Refusal.NotFound.Urned(), Assert.IsType<ProblemHttpResult>(await Ask(field, Digest.Of("never"u8))).ProblemDetails.Type);
        Assert.Null((await field.Report(bundle)).Finding);
        Assert.True(CanonicalBase64.Url.TryDecode(kept.Event, out var bytes));
        var leaf = MerkleTree.LeafHash(Commitment.Leaf(1, Convert.FromHexString(kept.Opening), bytes));
        var (proof, size, root) = await field.Use(async db =>
        {
            var now = await AuditLog.Checkpoint(db, field.Hub.Keys, Ct);
            return (AuditLog.Prove(db, now, kept.Index), now.Checkpoint.Size, now.Checkpoint.Root);
        });
        Assert.True(proof.TryVerify(leaf, field.Hub.Keys.AuditLog.Key, [field.Hub.Keys.Cosigner.Key], out var shown));
        Assert.Equal((size, root), (shown.Checkpoint.Size, shown.Checkpoint.Root));
        Assert.Contains(leaf, (await field.Remains()).Select(left => left.Leaf));
    }

    [Fact]
    public async Task A_feed_keeps_its_places_and_a_message_that_comes_again_takes_none()
    {
        await using var field = await Start();
        var handoff = await field.Handoff(HandoffState.Declined);
        var open = await field.Handoff(HandoffState.Delivered);
        await field.Pass();
        var told = await Feed(field, field.Police);
        Assert.True(await field.Erase() > 0);
        await Again(field, new StatementRecorded(handoff.After, field.Police.Id));

        var items = await Feed(field, field.Police);

        Assert.Equal(told.Select(item => item.N), items.Select(item => item.N));
        Assert.Equal([false, true, true, true, false], items.Select(item => item is { Statements.Count: 0, Event: null, Opening: null }));
        Assert.Equal(open.After, StoredStatement.Read(items[^1].Statements[0]).Id);
    }

    [Fact]
    public async Task Many_events_are_told_of_by_as_many_events_as_it_takes()
    {
        await using var field = await Start();
        var handoff = await field.Handoff(HandoffState.Acknowledged);
        for (var i = 0; i < Limits.ErasedAtOnce; i++)
        {
            field.Clock.Now += Second;
            await field.Receipt(handoff.Access(Part.Summary, field.Shelter));
        }

        await handoff.Do(HandoffAct.Declined);
        await field.Pass();

        var erased = await field.Erase();

        var places = (await field.Erasures()).Select(erasure => erasure.Places!.Count).ToList();
        Assert.Equal((erased, 256), (places.Sum(), places[0]));
        Assert.Equal((null, (long)erased), ((await field.Verify()).Wrong, (await field.Verify()).Erased));
    }

    [Fact]
    public async Task Who_deletes_events_without_a_word_is_found_out_by_their_places()
    {
        await using var field = await Start();
        await field.Handoff(HandoffState.Declined);
        await field.Pass();
        await field.Erase();
        var (first, second) = await field.Use(async db =>
        {
            var rows = await db.Set<AuditRecord>().AsNoTracking().OrderBy(r => r.Id).Take(2).ToListAsync(Ct);
            await db.Set<AuditRecord>().Where(r => r.Id == rows[0].Id || r.Id == rows[1].Id).ExecuteDeleteAsync(Ct);
            db.Add(ErasedRecord.Of(rows[1])); // as if it had been erased
            await db.SaveChangesAsync(Ct);
            return (rows[0].Index, rows[1].Index);
        });

        Assert.Equal($"neither opened nor erased: audit events {first}, {second}", (await field.Verify()).Wrong);
        Assert.Equal($"neither opened nor erased: audit events {first}, {second}", (await field.Verify(full: false)).Wrong);

        await field.Use(db => db.Set<ErasedRecord>().Where(r => r.Index == second).ExecuteUpdateAsync(set => set.SetProperty(r => r.Leaf, Digest.Of("another"u8)), Ct));
        Assert.Equal("the audit log's checkpoint has another root than what is stored", (await field.Verify()).Wrong);
    }

    [Fact]
    public async Task Whose_erasure_no_event_tells_any_more_are_named_with_it()
    {
        await using var field = await Start();
        await field.Handoff(HandoffState.Declined);
        await field.Pass();
        await field.Erase();
        var told = await field.Use(db => db.Set<AuditRecord>().Where(r => r.Code == AuditEventCode.Erased).Select(r => r.Index!.Value).ToListAsync(Ct));
        await field.Use(db => db.Set<AuditRecord>().Where(r => r.Code == AuditEventCode.Erased).ExecuteDeleteAsync(Ct));

        var named = (await field.Remains()).Select(left => left.Index!.Value).Concat(told).Order();
        // The last place is not one that is missing: the head counts it.
        Assert.Equal($"the audit log's checkpoint covers {told.Max() + 1}, {told.Min()} are stored", (await field.Verify()).Wrong);
        await field.Consented();
        await field.Sequence();
        Assert.Equal($"neither opened nor erased: audit events {string.Join(", ", named)}", (await field.Verify()).Wrong);
    }

    [Fact]
    public async Task An_event_of_an_erasure_that_was_changed_is_named_like_any_other()
    {
        await using var field = await Start();
        await field.Handoff(HandoffState.Declined);
        await field.Pass();
        await field.Erase();
        var index = await field.Use(db => db.Set<AuditRecord>().Where(r => r.Code == AuditEventCode.Erased).MinAsync(r => r.Index!.Value, Ct));
        var bytes = "{}"u8.ToArray();
        await field.Use(db => db.Set<AuditRecord>().Where(r => r.Index == index).ExecuteUpdateAsync(set => set.SetProperty(r => r.Event, bytes), Ct));

        Assert.Equal($"audit event {index} is not well-formed", (await field.Verify()).Wrong);
        Assert.Equal("the audit log's checkpoint has another root than what is stored", (await field.Verify(full: false)).Wrong);
    }

    private static SenderAct Withdrawn(TestField field, Referral referral, Digest after) => (SenderAct)new TestHandoff(field, referral).Act(HandoffAct.Withdrawn) with { After = after };

    private static Task<IResult> Ask(TestField field, Digest statement) => field.Use(async db =>
        (await GetReceipt.Handle(statement.ToString(), field.Police.Caller, db, field.Hub.Keys, Ct)).Result);

    private static async Task<IReadOnlyList<FeedEntry>> Feed(TestField field, TestAgency agency) => Assert.IsType<Ok<FeedPage>>((await field.Use(db =>
        ReadFeed.Handle(agency.Caller, db, new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance), Ct))).Result).Value!.Items;

    private static async Task Again(TestField field, StatementRecorded message)
    {
        await field.Hub.Use(db => db.Write(_ => { db.Publish(message, "again"); return Task.CompletedTask; }, Ct));
        await field.Deliver();
    }

    private static Task Park(TestField field, string stream) => field.Hub.Use(async db =>
    {
        db.Add(new ParkedMessage
        {
            Seq = 1,
            MessageId = Guid.CreateVersion7(),
            StreamId = stream,
            Type = Messages.Name(typeof(StatementRecorded)),
            Body = "{}"u8.ToArray(),
            Parked = field.Clock.Now,
            Error = "JsonException",
        });
        await db.SaveChangesAsync(Ct);
    });
}
