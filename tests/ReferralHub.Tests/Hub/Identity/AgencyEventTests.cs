using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Hub;
using ReferralHub.Hub.Identity;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Identity;

/// <summary>Keys that change, agencies that are suspended, closed or come back, through the whole pipeline. Spec: docs/protocol.md §4.2, §6.</summary>
public sealed class AgencyEventTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agency_turns_its_signing_key_and_the_old_one_is_unknown_at_once()
    {
        await using var field = await TestField.Start();
        await using var server = new TestPipeline(field.Hub);
        using var fresh = TestHub.NewKey();
        var change = await Next(field.Hub, field.Police.Id, AgencyChangeCode.RotateSigning) with { Signing = fresh.VerifyingKey };

        Assert.Equal("201", $"{await Post(server, field.Police, change.Sign(field.Police.Key, fresh))}");
        // The same again is good, and changes nothing.
        Assert.Equal("201", $"{await Post(server, field.Police, change.Sign(field.Police.Key, fresh))}");

        await field.Refused(Refusal.UnknownKey, field.NewAgreement());
        var signed = ReferralHub.Protocol.Statements.SignedStatement.Sign(fresh, await field.Heads(field.NewAgreement()));
        Assert.IsType<Microsoft.AspNetCore.Http.HttpResults.ContentHttpResult>(await field.Post(signed));
    }

    [Fact]
    public async Task Only_the_agency_itself_changes_its_keys_and_only_as_the_replay_allows()
    {
        await using var field = await TestField.Start();
        await using var server = new TestPipeline(field.Hub);
        var (police, shelter) = (field.Police, field.Shelter);
        var change = await Next(field.Hub, police.Id, AgencyChangeCode.RotateEncryption) with { Encryption = TestAgency.NewEncryptionKey() };

        Assert.Equal("403 event-forbidden", $"{await Post(server, shelter, change.Sign(police.Key))}");
        Assert.Equal("422 event-signers", $"{await Post(server, police, change.Sign(shelter.Key))}");
        Assert.Equal("409 event-stale", $"{await Post(server, police, (change with { Seq = 5 }).Sign(police.Key))}");
        Assert.Equal("422 issued-ahead", $"{await Post(server, police, (change with { IssuedAt = change.IssuedAt.AddHours(1) }).Sign(police.Key))}");
        Assert.Equal("409 key-taken", $"{await Post(server, police, (change with { Encryption = await EncryptionOf(field, shelter.Id) }).Sign(police.Key))}");
        var close = await Next(field.Hub, police.Id, AgencyChangeCode.Close);
        Assert.Equal("403 event-forbidden", $"{await Post(server, police, field.Hub.SignedByRegistrars(AgencyEvent.Typ, StrictJson.Write(close)))}");
        Assert.Equal((AuditEventCode.Refused, Refusal.EventForbidden.Urned()), ((await field.Events())[^1].Event, (await field.Events())[^1].Refusal));

        Assert.Equal("201", $"{await Post(server, police, change.Sign(police.Key))}");
        var second = change with { Encryption = TestAgency.NewEncryptionKey() };
        Assert.Equal("409 event-stale", $"{await Post(server, police, second.Sign(police.Key))}");
        Assert.Empty((await field.Hub.Use(db => field.Hub.Agencies.Now(db, Ct))).Entries.Conflicts);
    }

    [Fact]
    public async Task A_suspended_agency_is_let_in_no_longer_and_again_once_it_is_resumed()
    {
        await using var hub = await TestHub.Start();
        using var police = await hub.Join("police-7", AgencyKind.Police);
        await using var server = new TestPipeline(hub);

        await hub.Decide(police.Id, AgencyChangeCode.Suspend);
        Assert.Equal("403 not-active", $"{await server.Send("GET", "/v1/feed", police.Certificate)}");
        await hub.Decide(police.Id, AgencyChangeCode.Resume);
        Assert.Equal("200", $"{await server.Send("GET", "/v1/feed", police.Certificate)}");

        // The operator's own suspension is the hub's alone, and audited.
        Assert.True(await hub.Use(db => Suspension.Set(db, hub.Agencies, police.Id, suspend: true, Ct)));
        Assert.False(await hub.Use(db => Suspension.Set(db, hub.Agencies, police.Id, suspend: true, Ct)));
        Assert.Equal("403 not-active", $"{await server.Send("GET", "/v1/feed", police.Certificate)}");
        Assert.True((await hub.Use(db => hub.Agencies.Now(db, Ct))).Entries.IsActive(police.Id, 99));
        Assert.True(await hub.Use(db => Suspension.Set(db, hub.Agencies, police.Id, suspend: false, Ct)));
        Assert.Equal("200", $"{await server.Send("GET", "/v1/feed", police.Certificate)}");
        Assert.Equal(
            [AuditEventCode.AgencySuspended, AuditEventCode.AgencyResumed],
            (await Events(hub)).Select(e => e.Event).Where(e => e is AuditEventCode.AgencySuspended or AuditEventCode.AgencyResumed));
    }

    [Fact]
    public async Task A_renewed_certificate_counts_beside_the_old_one_until_it_is_first_used()
    {
        await using var hub = await TestHub.Start();
        using var police = await hub.Join("police-7", AgencyKind.Police);
        await using var server = new TestPipeline(hub);

        using var lost = Certificate(await Renew(server, police.Certificate!));
        using var renewed = Certificate(await Renew(server, police.Certificate!));
        Assert.Equal("401 not-joined", $"{await server.Send("GET", "/v1/feed", lost)}");
        Assert.Equal("200", $"{await server.Send("GET", "/v1/feed", police.Certificate)}");
        Assert.Equal("200", $"{await server.Send("GET", "/v1/feed", renewed)}");
        Assert.Equal("401 not-joined", $"{await server.Send("GET", "/v1/feed", police.Certificate)}");
        Assert.Equal(2, (await Events(hub)).Count(e => e.Event == AuditEventCode.CertificateRenewed));
    }

    [Fact]
    public async Task Who_has_the_recovery_key_comes_back_with_new_keys_and_the_old_ones_end_at_once()
    {
        await using var hub = await TestHub.Start();
        using var police = await hub.Join("police-7", AgencyKind.Police);
        await using var server = new TestPipeline(hub);
        using var fresh = TestHub.NewKey();
        using var tls = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var change = await Next(hub, police.Id, AgencyChangeCode.Recover) with
        {
            Signing = fresh.VerifyingKey,
            Encryption = TestAgency.NewEncryptionKey(),
            LastGood = 0,
            CompromisedSince = 3,
            Tls = Digest.Of(tls.ExportSubjectPublicKeyInfo()),
        };

        var answer = await Recover(server, change.Sign(police.RecoveryKey, fresh), tls);
        Assert.Equal(201, answer.Status);
        using var certificate = Certificate(answer);
        Assert.Equal("200", $"{await server.Send("GET", "/v1/feed", certificate)}");
        Assert.Equal("401 not-joined", $"{await server.Send("GET", "/v1/feed", police.Certificate)}");
        var now = (await hub.Use(db => hub.Agencies.Now(db, Ct))).Entries.Find(police.Id)!;
        Assert.Equal(fresh.VerifyingKey, now.Signing);
        Assert.True(now.IsSuspect(police.Key.VerifyingKey.Thumbprint, 3));

        // The same request gets the same answer; another one for the same event nothing.
        Assert.Equal(answer.Body, (await Recover(server, change.Sign(police.RecoveryKey, fresh), tls)).Body);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal("422 recovery-invalid", $"{await Recover(server, change.Sign(police.RecoveryKey, fresh), other)}");
        Assert.Single(await Events(hub), e => e.Event == AuditEventCode.AgencyRecovered);
    }

    [Fact]
    public async Task Nobody_recovers_without_the_recovery_key_or_out_of_order()
    {
        await using var hub = await TestHub.Start();
        using var police = await hub.Join("police-7", AgencyKind.Police);
        await using var server = new TestPipeline(hub);
        using var fresh = TestHub.NewKey();
        using var tls = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var change = await Next(hub, police.Id, AgencyChangeCode.Recover) with
        {
            Signing = fresh.VerifyingKey,
            Encryption = TestAgency.NewEncryptionKey(),
            LastGood = 0,
            Tls = Digest.Of(tls.ExportSubjectPublicKeyInfo()),
        };

        Assert.Equal("422 recovery-invalid", $"{await Recover(server, change.Sign(police.Key, fresh), tls)}");
        Assert.Equal("422 recovery-invalid", $"{await Recover(server, (change with { Agency = AgencyId.Parse("nobody") }).Sign(police.RecoveryKey, fresh), tls)}");
        Assert.Equal("422 event-signers", $"{await Recover(server, change.Sign(police.RecoveryKey), tls)}");
        Assert.Equal("409 event-stale", $"{await Recover(server, (change with { Seq = 4 }).Sign(police.RecoveryKey, fresh), tls)}");
        Assert.Equal("422 request-for-certificate-invalid", $"{await server.Send("POST", "/v1/recover", body: Body(change.Sign(police.RecoveryKey, fresh), "none"), type: "application/json")}");
        Assert.Equal("200", $"{await server.Send("GET", "/v1/feed", police.Certificate)}");
    }

    [Fact]
    public async Task Closing_an_agency_hands_its_open_referrals_back_to_their_senders()
    {
        await using var field = await TestField.Start();
        var (open, accepted, done) = (await field.Handoff(HandoffState.Delivered), await field.Handoff(HandoffState.InProgress), await field.Handoff(HandoffState.Completed));

        await field.Hub.Decide(field.Shelter.Id, AgencyChangeCode.Close);

        foreach (var (handoff, state) in new[] { (open, HandoffState.HandedBack), (accepted, HandoffState.HandedBack), (done, HandoffState.Completed) })
        {
            var report = await field.Report(await field.Bundle(handoff, field.Police));
            Assert.Equal((null, state, field.Police.Id), (report.Finding, report.Story?.State, report.Story?.Responsible));
        }

        Assert.Equal(2, (await field.Events()).Count(e => e.Act == HandoffAct.HandedBack));
        await using var server = new TestPipeline(field.Hub);
        Assert.Equal("403 not-active", $"{await server.Send("GET", "/v1/feed", field.Shelter.Certificate)}");
    }

    [Fact]
    public async Task A_hub_that_hands_back_without_a_closing_is_found_out()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Accepted);

        await field.HandBack();

        var report = await field.Report(await field.Bundle(handoff, field.Police));
        Assert.Equal(ReferralHub.Protocol.Evidence.EvidenceFault.State, report.Finding?.Fault);
    }

    [Fact]
    public async Task Evidence_holds_across_a_rotation_and_names_what_is_suspect()
    {
        await using var field = await TestField.Start();
        var before = await field.Handoff(HandoffState.Completed);
        await field.Sequence();
        using var fresh = TestHub.NewKey();
        await using var server = new TestPipeline(field.Hub);
        var rotate = await Next(field.Hub, field.Police.Id, AgencyChangeCode.RotateSigning) with { Signing = fresh.VerifyingKey };
        Assert.Equal("201", $"{await Post(server, field.Police, rotate.Sign(field.Police.Key, fresh))}");
        var close = await field.Heads(before.Act(HandoffAct.LoopClosed));
        Assert.IsType<Microsoft.AspNetCore.Http.HttpResults.ContentHttpResult>(await field.Post(ReferralHub.Protocol.Statements.SignedStatement.Sign(fresh, close)));

        var report = await field.Report(await field.Bundle(before, field.Shelter));
        Assert.Equal((null, HandoffState.LoopClosed), (report.Finding, report.Story?.State));
        Assert.Empty(report.Story!.Suspects);

        // The old key was in other hands from the referral on.
        var since = report.Story.Acts.Single(act => act.Statement is ReferralHub.Protocol.Statements.Referral).Index;
        var revoke = await Next(field.Hub, field.Police.Id, AgencyChangeCode.Revoke) with { Signing = field.Police.Key.VerifyingKey, CompromisedSince = since };
        Assert.Equal("201", $"{await Post(server, field.Police, revoke.Sign(fresh))}");
        report = await field.Report(await field.Bundle(before, field.Shelter));
        Assert.Null(report.Finding);
        var suspects = report.Story!.Suspects.ToList();
        Assert.Contains(suspects, act => act.Statement is ReferralHub.Protocol.Statements.Referral);
        Assert.All(suspects, act => Assert.True(act.Index >= since && act.Statement!.Issuer == field.Police.Id));
        Assert.DoesNotContain(suspects, act => act.Statement!.Does == HandoffAct.LoopClosed);
    }

    internal static async Task<AgencyChange> Next(TestHub hub, AgencyId agency, AgencyChangeCode code)
    {
        var now = (await hub.Use(db => hub.Agencies.Now(db, Ct))).Entries.Find(agency)!;
        return new() { Agency = agency, Seq = now.Last.Seq + 1, Prev = now.Last.PayloadDigest, IssuedAt = WireTime.Whole(hub.Clock.Now), Event = code };
    }

    private static async Task<ReferralHub.Cryptography.Age.EncryptionKey> EncryptionOf(TestField field, AgencyId agency) =>
        (await field.Hub.Use(db => field.Hub.Agencies.Now(db, Ct))).Entries.Find(agency)!.Encryption!;

    private static Task<Answer> Post(TestPipeline server, TestAgency by, CoSigned signed) => server.Send(
        "POST", "/v1/directory/events", by.Certificate, JsonSerializer.Serialize(new { @event = Encoding.ASCII.GetString(signed.ToArray()) }), "application/json");

    private static Task<Answer> Renew(TestPipeline server, X509Certificate2 by)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return server.Send("POST", "/v1/certificate", by, JsonSerializer.Serialize(new { csr = Csr(key) }), "application/json");
    }

    private static Task<Answer> Recover(TestPipeline server, CoSigned signed, ECDsa tls) =>
        server.Send("POST", "/v1/recover", body: Body(signed, Csr(tls)), type: "application/json");

    private static string Body(CoSigned signed, string csr) => JsonSerializer.Serialize(new { recovery = Encoding.ASCII.GetString(signed.ToArray()), csr });

    internal static string Csr(ECDsa key) => new CertificateRequest("CN=ignored", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();

    private static X509Certificate2 Certificate(Answer answer) =>
        X509Certificate2.CreateFromPem(JsonDocument.Parse(answer.Body).RootElement.GetProperty("certificate").GetString());

    private static Task<List<AuditEvent>> Events(TestHub hub) => hub.Use(async db =>
        (await db.Set<ReferralHub.Hub.Audit.AuditRecord>().AsNoTracking().OrderBy(r => r.Id).ToListAsync(Ct)).ConvertAll(record =>
        {
            Assert.True(AuditEvent.TryRead(record.Event, out var happened));
            return happened;
        }));
}
