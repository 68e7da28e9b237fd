using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Statements;

[Trait("store", "each")]
public sealed class IntakeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_receipt_is_the_hubs_and_promises_the_leaf_of_the_event()
    {
        await using var field = await TestField.Start();
        var signed = field.Police.Sign(await field.Heads(field.NewConsent()));

        var answer = Assert.IsType<ContentHttpResult>(await field.Post(signed));

        Assert.Equal((201, Submission.ContentType), (answer.StatusCode, answer.ContentType));
        Assert.True(SignedStatement.TryRead(answer.ResponseContent!, out var read));
        Assert.True(read.Jws.IsSignedBy(field.Hub.Services.GetRequiredService<HubKeys>().Statements.VerifyingKey));
        var receipt = (HubReceipt)read.Statement;
        var record = await field.Use(db => db.Set<AuditRecord>().AsNoTracking().OrderBy(r => r.Id).LastAsync(Ct));
        Assert.Equal((signed.Id, Convert.ToHexStringLower(record.Leaf())), (receipt.StatementId, receipt.Leaf));
        Assert.True(AuditEvent.TryRead(record.Event, out var happened));
        Assert.Equal(
            (AuditEventCode.StatementRecorded, field.Police.Id, signed.Id, StatementKind.Consent),
            (happened.Event, happened.Agency, happened.Statement, happened.Kind));
    }

    [Fact]
    public async Task The_same_statement_again_gets_the_same_receipt_and_has_no_second_effect()
    {
        await using var field = await TestField.Start();
        var signed = field.Police.Sign(await field.Heads(field.NewConsent()));

        var first = Assert.IsType<ContentHttpResult>(await field.Post(signed));
        var events = (await field.Events()).Count;
        field.Clock.Now += TimeSpan.FromDays(31);
        var second = Assert.IsType<ContentHttpResult>(await field.Post(signed));

        Assert.Equal((200, first.ResponseContent), (second.StatusCode, second.ResponseContent));
        Assert.Equal(events, (await field.Events()).Count);
    }

    [Fact]
    public async Task Of_eight_identical_submits_at_once_one_has_an_effect_and_all_get_the_same_receipt()
    {
        await using var field = await TestField.Start();
        for (var round = 0; round < 20; round++)
        {
            var referral = field.Police.Sign(await field.Heads(await field.NewReferral(await field.Consented())));
            var before = await field.Use(Counts);

            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => field.Post(referral), Ct)));

            Assert.Single(answers.Cast<ContentHttpResult>().Select(a => a.ResponseContent).Distinct());
            Assert.Single(answers.Cast<ContentHttpResult>(), a => a.StatusCode == StatusCodes.Status201Created);
            var after = await field.Use(Counts);
            Assert.Equal((1, 1, 1), (after.Item1 - before.Item1, after.Item2 - before.Item2, after.Item3 - before.Item3));
        }
    }

    [Fact]
    public async Task Refuses_what_is_no_statement_of_this_kind_and_keeps_nothing()
    {
        await using var field = await TestField.Start();
        var consent = field.Police.Sign(await field.Heads(field.NewConsent()));
        var events = (await field.Events()).Count;

        Assert.Equal(Refusal.Malformed.Urned(), await PostAgreement(field, [.. Encoding.ASCII.GetBytes(consent.Jws.Token)]));
        Assert.Equal(Refusal.Malformed.Urned(), await PostAgreement(field, "no token"u8.ToArray()));
        Assert.Equal(Refusal.Malformed.Urned(), await PostAgreement(field, []));

        Assert.Equal(events, (await field.Events()).Count);
    }

    [Fact]
    public async Task Refuses_a_follow_up_under_the_path_of_another_referral()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff();
        var signed = field.Shelter.Sign(await field.Heads(handoff.Act(HandoffAct.Delivered)));

        var problem = Assert.IsType<ProblemHttpResult>(await field.Post(signed, path: field.NewId().ToString()));

        Assert.Equal(Refusal.Malformed.Urned(), problem.ProblemDetails.Type);
    }

    [Fact]
    public async Task Refuses_a_statement_of_another_agency()
    {
        await using var field = await TestField.Start();
        var signed = field.Police.Sign(await field.Heads(field.NewConsent()));

        await field.Refused(Refusal.NotTheIssuer, signed, caller: field.Ngo.Id);

        Assert.Equal(field.Ngo.Id, (await field.Events())[^1].Agency);
    }

    [Fact]
    public async Task Refuses_a_key_that_the_directory_does_not_have_for_the_issuer()
    {
        await using var field = await TestField.Start();
        using var other = TestHub.NewKey();

        await field.Refused(Refusal.UnknownKey, field.Shelter.Sign(await field.Heads(field.NewConsent())), field.Police.Id);
        await field.Refused(
            Refusal.UnknownKey, SignedStatement.Sign(other, await field.Heads(field.NewConsent())), field.Police.Id);
    }

    [Fact]
    public async Task Refuses_a_statement_changed_after_signing_and_keeps_nothing_of_it()
    {
        await using var field = await TestField.Start();
        var one = field.Police.Sign(await field.Heads(field.NewConsent())).Jws.Token;
        var other = field.Police.Sign(await field.Heads(field.NewConsent())).Jws.Token;
        Assert.True(SignedStatement.TryRead(one[..one.LastIndexOf('.')] + other[other.LastIndexOf('.')..], out var forged));

        await field.Refused(Refusal.BadSignature, forged);

        var refused = (await field.Events())[^1];
        Assert.Equal((field.Police.Id, null, null), (refused.Agency, refused.Statement, refused.Referral));
    }

    [Fact]
    public async Task Refuses_a_time_more_than_a_minute_ahead_and_takes_any_older_one()
    {
        await using var field = await TestField.Start();

        await field.Refused(Refusal.IssuedAhead, field.NewConsent() with { IssuedAt = field.In(TimeSpan.FromSeconds(61)) });
        await field.Receipt(field.NewConsent() with { IssuedAt = field.In(TimeSpan.FromSeconds(60)) });
        await field.Receipt(field.NewConsent() with { IssuedAt = field.In(TimeSpan.FromDays(-300)) });
    }

    [Fact]
    public async Task Refuses_heads_that_the_hub_never_published()
    {
        await using var field = await TestField.Start();
        var consent = await field.Heads(field.NewConsent());

        foreach (var unseen in new[]
        {
            consent with { Directory = consent.Directory with { Size = consent.Directory.Size + 1 } },
            consent with { Directory = consent.Directory with { Root = Digest.Of("other"u8) } },
            consent with { AuditLog = new TreeHead(1, Digest.Of("other"u8)) },
        })
        {
            await field.Refused(Refusal.UnknownHead, field.Police.Sign(unseen));
        }
    }

    [Fact]
    public async Task A_body_longer_than_a_token_or_of_another_type_is_not_read_as_one()
    {
        Assert.Equal(Refusal.TooLarge, (await Bind(new byte[SignedStatement.MaxSize + 1], Submission.ContentType))?.Fault);
        Assert.Equal(Refusal.WrongMediaType, (await Bind(new byte[1], "application/json"))?.Fault);
        var most = await Bind(new byte[SignedStatement.MaxSize], Submission.ContentType);
        Assert.Equal((null, SignedStatement.MaxSize), (most?.Fault, most?.Token.Length));
    }

    [Fact]
    public async Task A_clock_that_is_set_back_stands_still_until_it_has_caught_up()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented();
        var handoff = await field.Handoff(HandoffState.Sent, consent);
        field.Clock.Now = consent.ValidUntil;
        await field.Refused(Refusal.ConsentRefused, handoff.Act(HandoffAct.Delivered));
        var before = field.Clock.Now;

        field.Clock.Now -= TimeSpan.FromHours(1);

        // By the clock the consent holds again; by the log it never does.
        await field.Refused(Refusal.ConsentRefused, handoff.Act(HandoffAct.Delivered));
        Assert.Equal(before, (await field.Receipt(field.NewConsent())).IssuedAt);
        await field.Hub.AddPolicy("later");
        using var late = await field.Hub.Join("late-ngo", AgencyKind.Ngo);
        await field.Sequence();
        Assert.IsType<ReferralHub.Hub.Referrals.EvidenceResult>(await field.Evidence(handoff.Referral.ReferralId.ToString(), field.Police));
        var times = (await field.Events()).ConvertAll(happened => happened.At);
        Assert.Equal(times.Order(), times);
        Assert.Equal(before, times[^1]);

        field.Clock.Now = before + TimeSpan.FromSeconds(1);
        Assert.Equal(field.Clock.Now, (await field.Receipt(field.NewConsent())).IssuedAt);
    }

    private static async Task<Submission?> Bind(byte[] body, string type)
    {
        var http = new DefaultHttpContext();
        http.Request.ContentType = type;
        http.Request.Body = new MemoryStream(body);
        return await Submission.BindAsync(http);
    }

    private static async Task<string?> PostAgreement(TestField field, byte[] token)
    {
        await using var scope = field.Hub.Services.CreateAsyncScope();
        var (db, intake) = (scope.ServiceProvider.GetRequiredService<HubDb>(), scope.ServiceProvider.GetRequiredService<Intake>());
        var answer = await RecordAgreement.Handle(new Submission(token), new Caller(field.Police.Id), intake, db, Ct);
        return Assert.IsType<ProblemHttpResult>(answer.Result).ProblemDetails.Type;
    }

    private static async Task<(int, int, int)> Counts(HubDb db) =>
        (await db.Set<StoredStatement>().CountAsync(s => s.Referral != null, Ct),
            await db.Set<AuditRecord>().CountAsync(r => r.Referral != null, Ct),
            await db.Set<OutboxMessage>().CountAsync(Ct));
}
