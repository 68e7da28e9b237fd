using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Tests.Gateway;

/// <summary>What a gateway makes of a hub that misbehaves, and of content and times that do not fit.</summary>
public sealed class TrustTests
{
    private const string Identity = """{"identity":{"name":"SYNTHETIC Sara"}}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HubLog.Directory, "log-forked directory at 4")]
    [InlineData(HubLog.Audit, "log-forked audit at 3")]
    public async Task Two_checkpoints_that_contradict_each_other_raise_an_alarm_and_stop_sealing(HubLog log, string alarm)
    {
        await using var pair = await TestPair.StartAsync();
        var consent = await Agreed(pair);
        pair.Hub.Checkpoints[log] = pair.Hub.Forge(log, log == HubLog.Directory ? 4 : 3);

        await pair.Police.SyncAsync();

        // A receipt that leads to another history may raise one more.
        Assert.Equal(alarm, (await pair.Police.AlarmsAsync())[0]);
        Assert.Equal(Refusal.SealingStopped, await RefusalOf(pair, consent, Identity));
    }

    [Theory]
    [InlineData(HubLog.Directory)]
    [InlineData(HubLog.Audit)]
    public async Task An_older_checkpoint_raises_an_alarm(HubLog log)
    {
        await using var pair = await TestPair.StartAsync();
        await Agreed(pair);
        await pair.Police.SyncAsync();
        pair.Hub.Checkpoints[log] = pair.Hub.Earlier(log, 2);

        await pair.Police.SyncAsync();

        Assert.Equal([$"log-rolled-back {Code.Text(log)} at 2"], await pair.Police.AlarmsAsync());
    }

    [Fact]
    public async Task An_entry_that_breaks_the_rules_ends_the_directory_there()
    {
        await using var pair = await TestPair.StartAsync();
        pair.Hub.AddRaw("not an entry"u8.ToArray());

        await pair.Police.SyncAsync();

        Assert.Equal(["directory-invalid entry 4: malformed"], await pair.Police.AlarmsAsync());
        Assert.Equal(4, pair.Police.Use<ReferralHub.Gateway.Directory.FollowDirectory>().Current.Size);
    }

    [Fact]
    public async Task A_larger_checkpoint_that_is_not_of_the_entries_shown_changes_nothing_and_raises_an_alarm()
    {
        await using var pair = await TestPair.StartAsync();
        await using var other = new TestGateway(pair.Hub, "harbour", AgencyKind.Ngo, pair.Clock);
        other.Enrol();
        pair.Hub.Checkpoints[HubLog.Directory] = pair.Hub.Forge(HubLog.Directory, 5);

        await pair.Police.SyncAsync();

        Assert.Equal(["log-forked directory at 5"], await pair.Police.AlarmsAsync());
        Assert.Equal(4, pair.Police.Use<ReferralHub.Gateway.Directory.FollowDirectory>().Current.Size);
    }

    [Fact]
    public async Task An_event_of_ours_that_we_did_not_make_raises_an_alarm()
    {
        await using var pair = await TestPair.StartAsync();
        await using var stranger = new TestGateway(pair.Hub, "harbour", AgencyKind.Ngo, pair.Clock);
        await using var impostor = new TestGateway(pair.Hub, "harbour", AgencyKind.Ngo, pair.Clock);
        impostor.Enrol();

        await pair.JoinAsync(stranger);

        Assert.Equal(["own-key entry 4"], await stranger.AlarmsAsync());
    }

    [Fact]
    public async Task A_second_event_under_one_number_is_an_alarm()
    {
        await using var pair = await TestPair.StartAsync();
        var shelter = pair.Shelter;
        foreach (var seconds in new[] { 0, 1 })
        {
            pair.Hub.Add(AgencyEvent.Typ, StrictJson.Write(new AgencyChange
            {
                Agency = shelter.Id,
                Seq = 1,
                Prev = shelter.Own.Enrolment.PayloadDigest,
                IssuedAt = WireTime.Whole(pair.Clock.GetUtcNow()).AddSeconds(seconds),
                Event = AgencyChangeCode.Suspend,
            }));
        }

        await pair.Police.SyncAsync();

        Assert.Equal([$"directory-conflict entry 5: {shelter.Id} 1 was taken"], await pair.Police.AlarmsAsync());
    }

    [Fact]
    public async Task What_the_registrars_decide_about_us_is_an_alarm_until_they_take_it_back()
    {
        await using var pair = await TestPair.StartAsync();
        var shelter = pair.Shelter;
        var suspended = Decide(1, shelter.Own.Enrolment.PayloadDigest, AgencyChangeCode.Suspend);
        await shelter.SyncAsync();
        Assert.Equal(["own-status entry 4: suspend"], await StandingAsync());

        Decide(2, suspended, AgencyChangeCode.Resume);
        await shelter.SyncAsync();
        Assert.Empty(await StandingAsync());
        Assert.Single(await shelter.AlarmsAsync());

        Digest Decide(int seq, Digest prev, AgencyChangeCode what)
        {
            var payload = StrictJson.Write(new AgencyChange { Agency = shelter.Id, Seq = seq, Prev = prev, IssuedAt = WireTime.Whole(pair.Clock.GetUtcNow()), Event = what });
            pair.Hub.Add(AgencyEvent.Typ, payload);
            return Digest.Of(payload);
        }

        async Task<IReadOnlyList<string>> StandingAsync() => [.. (await shelter.With(db => ListAlarms.Handle(
            new(shelter.Worker, All: false), db, shelter.Own, shelter.Use<Exclusions>(), Ct))).Alarms.Select(a => $"{Code.Text(a.Code)} {a.Detail}")];
    }

    [Fact]
    public async Task A_recovery_key_that_the_registrars_changed_is_told_once_so_that_a_person_s_word_lasts()
    {
        await using var pair = await TestPair.StartAsync();
        var shelter = pair.Shelter;
        using var recovery = RecoveryKey.Create();
        pair.Hub.Add(AgencyEvent.Typ, StrictJson.Write(new AgencyChange
        {
            Agency = shelter.Id,
            Seq = 1,
            Prev = shelter.Own.Enrolment.PayloadDigest,
            IssuedAt = WireTime.Whole(pair.Clock.GetUtcNow()),
            Event = AgencyChangeCode.ChangeRecovery,
            Recovery = recovery.Signing.VerifyingKey,
        }));
        await shelter.SyncAsync();
        Assert.Equal(["own-key entry 4"], await shelter.AlarmsAsync());

        await shelter.With(db => db.Alarms.ExecuteUpdateAsync(set => set.SetProperty(a => a.ClearedAt, pair.Clock.GetUtcNow())));
        await shelter.SyncAsync();

        Assert.False(await shelter.With(db => db.Alarms.AnyAsync(a => a.ClearedAt == null)));
    }

    [Fact]
    public async Task An_audit_log_that_shows_two_roots_of_one_size_is_forked()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.SendAsync();
        await pair.Police.SyncAsync();
        var size = await pair.Police.With(db => db.LogHeads.Where(h => h.Log == HubLog.Audit).Select(h => h.Size).SingleAsync());
        Assert.True(size > 0);
        pair.Hub.Checkpoints[HubLog.Audit] = pair.Hub.Forge(HubLog.Audit, (int)size);

        await pair.Police.SyncAsync();

        Assert.Equal([$"log-forked audit at {size}"], await pair.Police.AlarmsAsync());
    }

    [Fact]
    public void A_directory_that_was_not_confirmed_for_an_hour_is_told()
    {
        var confirmed = new DateTimeOffset(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);
        Assert.Null(FollowDirectory.Warning(confirmed, confirmed.AddHours(1)));
        Assert.Contains("last confirmed", FollowDirectory.Warning(confirmed, confirmed.AddHours(1).AddSeconds(1)), StringComparison.Ordinal);
        Assert.Contains("never confirmed", FollowDirectory.Warning(null, confirmed), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_sealed_to_a_directory_that_was_not_confirmed_for_a_day()
    {
        await using var pair = await TestPair.StartAsync();
        var consent = await Agreed(pair);
        pair.Clock.Ahead = TimeSpan.FromHours(25);

        Assert.Equal(Refusal.DirectoryStale, await RefusalOf(pair, consent, Identity));
    }

    [Fact]
    public async Task Nothing_is_opened_when_the_feed_was_not_read_for_an_hour()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        pair.Clock.Ahead = TimeSpan.FromMinutes(61);

        var e = await Assert.ThrowsAsync<RefusedException>(() =>
            pair.Shelter.With(db => ReadSummary.Handle(id, new(pair.Shelter.Worker), db, pair.Shelter.Use<Looks>(), Ct)));

        Assert.Equal(Refusal.FeedStale, e.Refusal);
        Assert.DoesNotContain((await pair.Shelter.ShowAsync(id)).Timeline, told => told.Kind == StatementKind.Access);
    }

    [Fact]
    public async Task Content_outside_the_consent_is_refused_field_by_field_before_sealing()
    {
        await using var pair = await TestPair.StartAsync();
        var consent = await Agreed(pair);

        var e = await Assert.ThrowsAsync<RefusedException>(() => pair.Police.SendAsync(
            pair.Request(consent, """{"identity":{"name":"x"},"legal":{"proceedings":"y","note":"z"}}""")));

        Assert.Equal((Refusal.ContentOutsideConsent, "legal.proceedings legal.note"), (e.Refusal, string.Join(' ', e.Reasons)));
        Assert.Empty(System.IO.Directory.EnumerateFiles(pair.Police.Folder.Parts));
    }

    [Fact]
    public async Task A_referral_that_the_consent_check_refuses_is_not_sealed()
    {
        await using var pair = await TestPair.StartAsync();
        var consent = await Agreed(pair);
        var request = pair.Request(consent, Identity);

        var e = await Assert.ThrowsAsync<RefusedException>(() =>
            pair.Police.SendAsync(request with { File = request.File with { Purpose = Purpose.Prosecution } }));

        Assert.Equal((Refusal.ConsentRefused, "purpose-outside"), (e.Refusal, string.Join(' ', e.Reasons)));
        Assert.Empty(System.IO.Directory.EnumerateFiles(pair.Police.Folder.Parts));
    }

    [Fact]
    public async Task A_feed_item_that_does_not_hold_changes_nothing_and_is_kept_as_an_alarm()
    {
        await using var pair = await TestPair.StartAsync();
        var consent = await Agreed(pair);
        pair.Hub.Tamper = item => item.Replace("\"event\":\"e", "\"event\":\"A", StringComparison.Ordinal);
        var sent = await pair.Police.SendAsync(pair.Request(consent, Identity));

        await pair.Shelter.SyncAsync();

        Assert.Equal(
            ["feed-item-refused item 2: event-malformed", "feed-item-refused item 3: event-malformed"], await pair.Shelter.AlarmsAsync());
        await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.ShowAsync(sent.Referral));
    }

    [Fact]
    public async Task A_feed_item_that_the_hub_has_erased_is_passed_over_and_the_feed_goes_on()
    {
        await using var pair = await TestPair.StartAsync();
        var consent = await Agreed(pair);
        var erased = (await pair.Police.SendAsync(pair.Request(consent, Identity))).Referral;
        pair.Hub.Tamper = item => JsonElement.Parse(item).GetProperty("n").GetInt64() is 3 and var n ? $$"""{"n":{{n}},"statements":[]}""" : item;
        await pair.Shelter.SyncAsync();
        var sent = (await pair.Police.SendAsync(pair.Request(consent, Identity))).Referral;

        await pair.Shelter.SyncAsync();

        Assert.Equal(HandoffState.Delivered, (await pair.Shelter.ShowAsync(sent)).State);
        await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.ShowAsync(erased));
        Assert.Empty(await pair.Shelter.AlarmsAsync());
        Assert.Equal(4, await pair.Shelter.With(db => db.Bindings.Select(b => b.FeedPosition).SingleAsync(Ct)));
    }

    [Fact]
    public async Task An_event_that_is_another_in_the_log_than_in_the_feed_is_an_alarm()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        await pair.Shelter.SyncAsync();
        pair.Hub.Tamper = ASecondLater;
        var consent = await pair.ConsentAsync();

        await pair.Shelter.SyncAsync();

        Assert.Equal([$"receipt-refused {consent.Statement}: event-differs-from-feed"], await pair.Shelter.AlarmsAsync());

        static string ASecondLater(string item)
        {
            var told = JsonElement.Parse(item).GetProperty("event").GetString()!;
            Assert.True(CanonicalBase64.Url.TryDecode(told, out var bytes));
            Assert.True(AuditEvent.TryRead(bytes, out var read));
            return item.Replace(told, CanonicalBase64.Url.Encode((read with { At = read.At.AddSeconds(1) }).ToBytes()), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_leaf_that_is_another_than_the_hub_promised_is_an_alarm()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var (one, other) = (await pair.ConsentAsync(), await pair.ConsentAsync("SYNTHETIC child 2"));
        await pair.Police.With(async db =>
        {
            var promised = await db.Statements.Where(s => s.Id == other.Statement).Select(s => s.HubReceipt).SingleAsync(Ct);
            return await db.Statements.Where(s => s.Id == one.Statement).ExecuteUpdateAsync(set => set.SetProperty(s => s.HubReceipt, promised), Ct);
        });

        await pair.Police.SyncAsync();

        Assert.Equal([$"receipt-refused {one.Statement}: leaf-differs-from-receipt"], await pair.Police.AlarmsAsync());
    }

    [Fact]
    public async Task A_second_referral_under_a_known_id_or_with_a_known_part_changes_nothing_and_the_feed_goes_on()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        var sent = await pair.Police.With(db => db.Statements.SingleAsync(s => s.Kind == StatementKind.Referral, Ct));
        var first = (Referral)sent.Read().Statement;
        var later = first.IssuedAt.AddSeconds(1);
        foreach (var again in new[] { first with { IssuedAt = later }, first with { IssuedAt = later, ReferralId = Guid.CreateVersion7(later) } })
        {
            await pair.Police.With(async db =>
            {
                await db.Write(() => Task.FromResult(pair.Police.Use<Outbox>().Add(db, again, stream: again.ReferralId)), Ct);
                return await pair.Police.Use<Dispatch>().RunAsync(stream: null, Ct);
            });
        }

        await pair.Shelter.SyncAsync();
        await pair.Shelter.SyncAsync();

        Assert.Equal(
            ["feed-item-refused item 4: referral-known", "feed-item-refused item 5: part-known"], await pair.Shelter.AlarmsAsync());
        Assert.Equal(HandoffState.Delivered, (await pair.Shelter.ShowAsync(id)).State);
    }

    [Fact]
    public async Task A_part_that_comes_damaged_is_not_delivered_and_is_asked_for_again()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        var summary = (await pair.Police.ShowAsync(id)).Parts[0].Sha256;
        pair.Hub.Damage(summary);

        await pair.Shelter.SyncAsync();
        Assert.Equal(HandoffState.Sent, (await pair.Police.ShowAsync(id)).State);
        // Whom it excludes nobody knows before its summary is read: until then it is nobody's.
        Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.ShowAsync(id, pair.Shelter.Worker))).Refusal);

        pair.Hub.Damage(summary);
        await pair.Shelter.SyncAsync();
        Assert.Equal(HandoffState.Delivered, (await pair.Shelter.ShowAsync(id)).State);
    }

    [Fact]
    public async Task A_referral_whose_consent_ran_out_on_the_way_is_not_delivered()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        pair.Clock.Ahead = TimeSpan.FromDays(31);

        await pair.Shelter.SyncAsync();

        Assert.Equal([$"consent-refused {id}: consent-expired"], await pair.Shelter.AlarmsAsync());
        var shown = await pair.Shelter.ShowAsync(id);
        Assert.Equal((HandoffState.Undeliverable, "consent-expired"), (shown.State, shown.Blocked));
        Assert.All(shown.Parts, part => Assert.False(part.Held));
    }

    [Theory]
    [InlineData("another consent", "consent-detail-differs")]
    [InlineData("another age", "grantors-insufficient")]
    [InlineData("another area", "area-unknown")]
    public async Task A_summary_that_its_sender_should_not_have_sealed_is_not_delivered(string what, string fault)
    {
        await using var pair = await TestPair.StartAsync();
        await pair.TightenPolicyAsync();
        var id = await SendAsync(pair, draft => what switch
        {
            "another consent" => draft with { Footing = AnotherConsent(draft) },
            "another age" => draft with { Content = draft.Content with { Summary = draft.Content.Summary with { AgeBand = AgeBand.From18 } } },
            _ => draft with { Content = draft.Content with { Summary = draft.Content.Summary with { Area = AreaCode.Parse("south") } } },
        });

        await pair.Shelter.SyncAsync();

        Assert.Equal([$"envelope-refused {id} summary: {fault}"], await pair.Shelter.AlarmsAsync());
        var told = await ToldAsync(pair, id);
        Assert.Equal((HandoffAct.Undeliverable, DeliveryFault.OutsideConsent), (told.Act, told.Fault));
        Assert.Equal(HandoffState.Undeliverable, (await pair.Police.ShowAsync(id)).State);
    }

    [Fact]
    public async Task A_record_with_a_category_that_nobody_agreed_to_is_a_mismatch_that_the_sender_is_told_of()
    {
        await using var pair = await TestPair.StartAsync();
        Assert.True(Form.TryRead(Encoding.UTF8.GetBytes(Identity.Replace("}}", "},\"legal\":{\"note\":\"SYNTHETIC\"}}", StringComparison.Ordinal)), out var form));
        // For the hub it is as sensitive as the health that was agreed to.
        var id = await SendAsync(pair, draft => draft with
        {
            Content = draft.Content with { Form = form },
            Referral = draft.Referral with { Categories = [ClearCategory.Summary, ClearCategory.Identity, ClearCategory.Sensitive] },
        });
        await pair.Shelter.SyncAsync();
        await pair.Shelter.AcknowledgeAsync(id);

        await pair.Shelter.AcceptAsync(id);
        await pair.Shelter.SyncAsync();

        Assert.Equal([$"envelope-refused {id} record: category-not-agreed"], await pair.Shelter.AlarmsAsync());
        var told = await ToldAsync(pair, id);
        Assert.Equal((HandoffAct.ContentMismatch, DeliveryFault.OutsideConsent, Part.Record), (told.Act, told.Fault, told.Part));
        Assert.Equal([Part.Summary], (await pair.Shelter.ShowAsync(id)).Parts.Where(part => part.Held).Select(part => part.Part));
    }

    // What the gateway of an honest sender would not seal.
    private static async Task<Guid> SendAsync(TestPair pair, Func<SendReferral.Draft, SendReferral.Draft> change)
    {
        var police = pair.Police;
        var request = pair.Request(await Agreed(pair), Identity.Replace("\"name\"", "\"age\":14,\"name\"", StringComparison.Ordinal));
        return await police.With(async db =>
        {
            var draft = await SendReferral.CheckAsync(
                request, Content.Of(request.File, pair.Clock.GetUtcNow()), db, police.Own, police.Use<Exclusions>(), police.Use<FollowDirectory>(), pair.Clock, Ct);
            var sent = await SendReferral.HandInAsync(
                change(draft), [], db, police.Own, police.Use<Exclusions>(), police.Use<Outbox>(), police.Use<Dispatch>(), police.Use<Copies>(), pair.Clock, Ct);
            return sent.Referral;
        });
    }

    private static EnvelopeMember AnotherConsent(SendReferral.Draft draft)
    {
        using var bytes = new MemoryStream();
        using (var member = draft.Footing.Open()) member.CopyTo(bytes);
        Assert.True(SealedJson.TryRead<ConsentDetail>(bytes.ToArray(), out var detail));
        return EnvelopeMember.Of(draft.Footing.Path, SealedJson.Write(detail with { Language = "French" }));
    }

    // What the recipient's gateway said last, as the sender's has it.
    private static async Task<Acknowledgement> ToldAsync(TestPair pair, Guid id)
    {
        await pair.Police.SyncAsync();
        return (Acknowledgement)(await pair.Police.With(db => db.Statements.Where(s => s.Referral == id && !s.IsOurs).OrderBy(s => s.Order).LastAsync(Ct))).Read().Statement;
    }

    private static async Task<RecordConsent.Recorded> Agreed(TestPair pair)
    {
        await pair.AgreeAsync();
        return await pair.ConsentAsync();
    }

    private static async Task<Refusal> RefusalOf(TestPair pair, RecordConsent.Recorded consent, string form) =>
        (await Assert.ThrowsAsync<RefusedException>(() => pair.Police.SendAsync(pair.Request(consent, form)))).Refusal;
}
