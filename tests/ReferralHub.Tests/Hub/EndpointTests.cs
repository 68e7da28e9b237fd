using System.Security.Cryptography.X509Certificates;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub;

/// <summary>Who gets what from which endpoint, through the whole pipeline.</summary>
public sealed class EndpointTests
{
    private const string Digest = "00000000000000000000000000000000000000000000000000000000000000aa";
    private const string Id = "01932e5c-0000-7000-8000-000000000001";

    /// <summary>Requests that carry nothing, and the answers to nobody, to an agency that waits, and to one that is active.</summary>
    public static TheoryData<string, string, string, string, string> Table { get; } = new()
    {
        { "GET /health/live", "/health/live", "200", "200", "200" },
        { "GET /health/ready", "/health/ready", "200", "200", "200" },
        { "GET /v1/genesis", "/v1/genesis", "200", "200", "200" },
        { "POST /v1/join", "/v1/join", "400 malformed", "400 malformed", "400 malformed" },
        { "POST /v1/recover", "/v1/recover", "400 malformed", "400 malformed", "400 malformed" },
        { "POST /v1/recover/directory", "/v1/recover/directory", "400 malformed", "400 malformed", "400 malformed" },
        { "GET /v1/statements", "/v1/statements", "401 not-joined", "403 not-active", "200" },
        { "POST /v1/certificate", "/v1/certificate", "401 not-joined", "400 malformed", "400 malformed" },
        { "POST /v1/directory/events", "/v1/directory/events", "401 not-joined", "400 malformed", "400 malformed" },
        { "GET /v1/directory/checkpoint", "/v1/directory/checkpoint", "401 not-joined", "200", "200" },
        { "GET /v1/directory/tile/{**place}", "/v1/directory/tile/0/000.p/1", "401 not-joined", "200", "200" },
        { "GET /v1/directory/tile/entries/{**place}", "/v1/directory/tile/entries/000.p/1", "401 not-joined", "200", "200" },
        { "GET /v1/audit/checkpoint", "/v1/audit/checkpoint", "401 not-joined", "200", "200" },
        { "GET /v1/audit/tile/{**place}", "/v1/audit/tile/0/000.p/1", "401 not-joined", "200", "200" },
        { "GET /v1/audit/opening", "/v1/audit/opening?log=2", "401 not-joined", "404 not-found", "404 not-found" },
        { "POST /v1/restoration", "/v1/restoration", "401 not-joined", "403 not-active", "400 malformed" },
        { "GET /v1/statements/{id}/receipt", $"/v1/statements/{Digest}/receipt", "401 not-joined", "404 not-found", "404 not-found" },
        { "PUT /v1/parts/{sha256}", $"/v1/parts/{Digest}", "401 not-joined", "403 not-active", "400 malformed" },
        { "HEAD /v1/parts/{sha256}", $"/v1/parts/{Digest}", "401 not-joined", "403 not-active", "404 not-found" },
        { "POST /v1/agreements/", "/v1/agreements", "401 not-joined", "403 not-active", "415 wrong-media-type" },
        { "POST /v1/consents/", "/v1/consents", "401 not-joined", "403 not-active", "415 wrong-media-type" },
        { "POST /v1/approvals/", "/v1/approvals", "401 not-joined", "403 not-active", "415 wrong-media-type" },
        { "POST /v1/consent-revocations/", "/v1/consent-revocations", "401 not-joined", "403 not-active", "415 wrong-media-type" },
        { "POST /v1/referrals/{ref}/revocation-notices", $"/v1/referrals/{Id}/revocation-notices", "401 not-joined", "403 not-active", "415 wrong-media-type" },
        { "POST /v1/referrals/{ref}/legal-holds", $"/v1/referrals/{Id}/legal-holds", "401 not-joined", "403 not-active", "415 wrong-media-type" },
        { "POST /v1/referrals/{ref}/erasure-receipts", $"/v1/referrals/{Id}/erasure-receipts", "401 not-joined", "403 not-active", "415 wrong-media-type" },
        { "POST /v1/profiles/", "/v1/profiles", "401 not-joined", "403 not-active", "415 wrong-media-type" },
        { "POST /v1/capacities/", "/v1/capacities", "401 not-joined", "403 not-active", "415 wrong-media-type" },
        { "GET /v1/profiles", "/v1/profiles", "401 not-joined", "403 not-active", "200" },
        { "POST /v1/referrals/", "/v1/referrals", "401 not-joined", "403 not-active", "415 wrong-media-type" },
        { "POST /v1/referrals/{ref}/acknowledgements", $"/v1/referrals/{Id}/acknowledgements", "401 not-joined", "403 not-active", "415 wrong-media-type" },
        { "POST /v1/referrals/{ref}/sender-acts", $"/v1/referrals/{Id}/sender-acts", "401 not-joined", "403 not-active", "415 wrong-media-type" },
        { "POST /v1/referrals/{ref}/accesses", $"/v1/referrals/{Id}/accesses", "401 not-joined", "403 not-active", "415 wrong-media-type" },
        { "POST /v1/referrals/{ref}/releases", $"/v1/referrals/{Id}/releases", "401 not-joined", "403 not-active", "415 wrong-media-type" },
        { "GET /v1/referrals/{ref}/evidence", $"/v1/referrals/{Id}/evidence", "401 not-joined", "403 not-active", "404 not-found" },
        { "GET /v1/feed/", "/v1/feed", "401 not-joined", "403 not-active", "200" },
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_endpoint_is_in_the_table_and_every_row_is_an_endpoint()
    {
        await using var hub = await TestHub.Start();
        await using var server = new TestPipeline(hub);

        Assert.Equal(Table.Select(row => row.Data.Item1).Order(), server.Endpoints.Order());
    }

    [Fact]
    public async Task Each_answers_nobody_a_waiting_and_an_active_agency_as_the_table_says()
    {
        await using var hub = await TestHub.Start();
        using var waiting = await hub.Join("beacon", AgencyKind.Ngo, admit: false);
        using var active = await hub.Join("police-7", AgencyKind.Police);
        await Audit.SequencerTests.RunAll(hub);
        await using var server = new TestPipeline(hub);

        var answers = new List<string>();
        foreach (var row in Table)
        {
            var (endpoint, path, _, _, _) = row.Data;
            answers.Add($"{endpoint}: {await Ask(null)} | {await Ask(waiting)} | {await Ask(active)}");

            async Task<Answer> Ask(TestAgency? by) => await server.Send(endpoint.Split(' ')[0], path, by?.Certificate);
        }

        Assert.Equal(Table.Select(row => $"{row.Data.Item1}: {row.Data.Item3} | {row.Data.Item4} | {row.Data.Item5}"), answers);
    }

    [Fact]
    public async Task That_a_waiting_agency_was_refused_is_an_event()
    {
        await using var hub = await TestHub.Start();
        using var waiting = await hub.Join("beacon", AgencyKind.Ngo, admit: false);
        await using var server = new TestPipeline(hub);

        Assert.Equal("403 not-active", $"{await server.Send("GET", "/v1/feed", waiting.Certificate)}");

        var told = await Last(hub);
        Assert.Equal((AuditEventCode.Refused, waiting.Id, Refusal.NotActive.Urned()), (told.Event, told.Agency, told.Refusal));
    }

    [Fact]
    public async Task A_certificate_that_is_not_bound_or_has_run_out_is_nobodys()
    {
        await using var hub = await TestHub.Start();
        using var active = await hub.Join("police-7", AgencyKind.Police);
        await using var server = new TestPipeline(hub);
        Assert.Equal("200", $"{await server.Send("GET", "/v1/feed", active.Certificate)}");

        hub.Clock.Now += TimeSpan.FromDays(Limits.ClientCertificateDays) + TimeSpan.FromSeconds(1);
        Assert.Equal("401 not-joined", $"{await server.Send("GET", "/v1/feed", active.Certificate)}");

        using var another = X509CertificateLoader.LoadCertificateFromFile(hub.Data.CaCertificate);
        Assert.Equal("401 not-joined", $"{await server.Send("GET", "/v1/feed", another)}");
    }

    [Fact]
    public async Task A_strangers_referral_and_none_get_the_same_bytes_by_the_same_number_of_statements()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Completed);
        await field.Sequence();
        await using var server = new TestPipeline(field.Hub);
        await server.Send("GET", "/v1/feed", field.Ngo.Certificate);

        FollowUp[] acts =
        [
            (FollowUp)handoff.Act(HandoffAct.Acknowledged) with { Issuer = field.Ngo.Id },
            (FollowUp)handoff.Act(HandoffAct.LoopClosed) with { Issuer = field.Ngo.Id },
            handoff.Access(Part.Record, field.Ngo),
            handoff.Notice(field.Ngo),
            handoff.Erasure(field.Ngo, ErasureAct.Erased),
            handoff.Hold(field.Ngo, HoldAct.Placed),
            handoff.Request(Part.Record, field.Ngo),
        ];
        foreach (var act in acts)
            Assert.Equal("404 not-found", $"{await Same(await Post(act), await Post(act with { Referral = field.NewId() }))}");
        Assert.Equal("404 not-found", $"{await Same(await Get($"referrals/{handoff.Referral.ReferralId}/evidence"), await Get($"referrals/{field.NewId()}/evidence"))}");
        Assert.Equal("404 not-found", $"{await Same(await Get($"statements/{handoff.After}/receipt"), await Get($"statements/{Digest}/receipt"))}");

        Task<Answer> Get(string path) => server.Send("GET", $"/v1/{path}", field.Ngo.Certificate);

        async Task<Answer> Post(FollowUp act)
        {
            var token = field.Ngo.Sign(await field.Heads(act)).Jws.Token;
            var collection = act switch { Acknowledgement => "acknowledgements", SenderAct => "sender-acts", Access => "accesses", RevocationNotice => "revocation-notices", ErasureReceipt => "erasure-receipts", LegalHold => "legal-holds", _ => "releases" };
            return await server.Send("POST", $"/v1/referrals/{act.Referral}/{collection}", field.Ngo.Certificate, token, "application/jose");
        }

        static Task<Answer> Same(Answer foreign, Answer absent)
        {
            Assert.Equal(absent, foreign);
            return Task.FromResult(foreign);
        }
    }

    [Fact]
    public async Task Asking_for_the_evidence_about_a_strangers_referral_is_an_event()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff();
        await using var server = new TestPipeline(field.Hub);

        await server.Send("GET", $"/v1/referrals/{handoff.Referral.ReferralId}/evidence", field.Ngo.Certificate);

        var told = await Last(field.Hub);
        Assert.Equal(
            (AuditEventCode.Refused, field.Ngo.Id, handoff.Referral.ReferralId, Refusal.NotFound.Urned()),
            (told.Event, told.Agency, told.Referral, told.Refusal));
    }

    [Fact]
    public async Task While_the_log_cannot_be_written_nothing_is_accepted_and_reading_goes_on()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Accepted);
        await field.Sequence();
        await using var server = new TestPipeline(field.Hub);
        _ = server.Services.GetRequiredService<LogHealth>();
        var events = (await field.Events()).Count;
        field.Clock.Now += TimeSpan.FromSeconds(Limits.LogBehindSeconds + 1);

        foreach (var row in Table)
        {
            var (endpoint, path, _, _, active) = row.Data;
            var method = endpoint.Split(' ')[0];
            var expected = endpoint is "GET /health/ready" ? "503"
                : method is "GET" or "HEAD" && !endpoint.EndsWith("/evidence", StringComparison.Ordinal) ? active
                : "503 log-behind";
            Assert.Equal((endpoint, expected), (endpoint, $"{await server.Send(method, path, field.Police.Certificate)}"));
        }

        var request = field.Shelter.Sign(await field.Heads(handoff.Request(Part.Record, field.Shelter)));
        var release = await server.Send("POST", $"/v1/referrals/{handoff.Referral.ReferralId}/releases", field.Shelter.Certificate, request.Jws.Token, "application/jose");
        var evidence = await server.Send("GET", $"/v1/referrals/{handoff.Referral.ReferralId}/evidence", field.Police.Certificate);
        Assert.Equal(("503 log-behind", "503 log-behind"), ($"{release}", $"{evidence}"));
        Assert.Equal(events, (await field.Events()).Count);
    }

    [Fact]
    public async Task A_restored_hub_that_gathers_answers_to_nothing_but_what_belongs_to_that()
    {
        await using var test = await Restoring.TestRestoration.Start();
        await test.Backup();
        await test.Restore();
        await using var server = new TestPipeline(test.Restored.Hub, gathers: true);
        string[] open = ["GET /health/live", "GET /v1/genesis", "POST /v1/restoration", "PUT /v1/parts/{sha256}", "HEAD /v1/parts/{sha256}"];

        var answers = new List<string>();
        foreach (var row in Table)
        {
            var (endpoint, path, _, _, _) = row.Data;
            answers.Add($"{endpoint}: {await server.Send(endpoint.Split(' ')[0], path, test.Lost.Police.Certificate)}");
        }

        Assert.Equal(Table.Select(row => $"{row.Data.Item1}: {(open.Contains(row.Data.Item1) ? row.Data.Item5 : "503 hub-restoring")}"), answers);
    }

    private static Task<AuditEvent> Last(TestHub hub) => hub.Use(async db =>
    {
        var record = await db.Set<AuditRecord>().AsNoTracking().OrderBy(r => r.Id).LastAsync(Ct);
        Assert.True(AuditEvent.TryRead(record.Event, out var happened));
        return happened;
    });
}
