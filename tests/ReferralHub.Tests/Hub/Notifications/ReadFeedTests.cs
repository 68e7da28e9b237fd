using MassTransit;
using MassTransit.Mediator;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Notifications;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Notifications;

[Trait("store", "each")]
public sealed class ReadFeedTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_party_hears_what_the_other_did_in_order()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Accepted);
        await field.Post(handoff.Request(Part.Record, field.Shelter));
        await field.Receipt(handoff.Access(Part.Record, field.Shelter));
        await handoff.Do(HandoffAct.Completed);
        await handoff.Do(HandoffAct.LoopClosed);
        await Deliver(field);

        // The shelter first heard the agreement's proposal, the police its acceptance.
        Assert.Equal(["agreement", "referral", "sender-act"], await Kinds(field, field.Shelter));
        Assert.Equal(
            ["agreement", "acknowledgement", "acknowledgement", "acknowledgement", "release-request", "access", "acknowledgement"],
            await Kinds(field, field.Police));
        Assert.Empty(await Read(field, field.Ngo));
    }

    [Fact]
    public async Task A_referral_comes_with_its_consent_and_with_what_opens_its_leaf()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented();
        var handoff = await field.Handoff(consent: consent);
        await Deliver(field);

        var item = (await Read(field, field.Shelter))[^1];

        Assert.Equal(2, item.Statements.Count);
        Assert.Equal(handoff.Referral.ReferralId, StoredStatement.Read<Referral>(item.Statements[0]).ReferralId);
        Assert.Equal(consent.ConsentId, StoredStatement.Read<Consent>(item.Statements[1]).ConsentId);
        Assert.True(CanonicalBase64.Url.TryDecode(item.Event!, out var bytes));
        Assert.True(AuditEvent.TryRead(bytes, out var happened));
        Assert.Equal((handoff.After, HandoffState.Sent), (happened.Statement, happened.State));
        var record = await field.Use(db => db.Set<AuditRecord>().SingleAsync(r => r.Statement == handoff.After, Ct));
        Assert.Equal(Convert.ToHexStringLower(record.Opening), item.Opening);
    }

    [Fact]
    public async Task A_referral_without_consent_comes_with_its_approval()
    {
        await using var field = await TestField.Start();
        var signed = await field.Approved(await field.NewStatutory());
        await field.Takes(signed);
        await Deliver(field);

        var item = (await Read(field, field.Shelter))[^1];

        Assert.Equal(2, item.Statements.Count);
        Assert.Equal(signed.Jws.Token, item.Statements[0]);
        Assert.Equal(signed.Id, StoredStatement.Read<Approval>(item.Statements[1]).Approves);
    }

    [Fact]
    public async Task Who_has_heard_of_a_consent_hears_of_its_revocation_and_nobody_else()
    {
        await using var field = await TestField.Start();
        var (unused, used) = (await field.Consented(), await field.Consented());
        await field.Handoff(consent: used);
        await field.Receipt(field.NewRevocation(unused));
        await field.Receipt(field.NewRevocation(used));
        await Deliver(field);

        Assert.Equal(["agreement", "referral", "consent-revocation"], await Kinds(field, field.Shelter));
    }

    [Fact]
    public async Task After_is_exclusive_and_the_positions_go_on()
    {
        await using var field = await TestField.Start();
        await field.Handoff(HandoffState.Delivered);
        await Deliver(field);

        Assert.Equal([1, 2], (await Read(field, field.Police)).Select(item => item.N));
        Assert.Equal([2], (await Read(field, field.Police, after: 1)).Select(item => item.N));
        Assert.Empty(await Read(field, field.Police, after: 2));
    }

    [Fact]
    public async Task A_reader_that_is_ahead_of_the_feed_is_told_so()
    {
        await using var field = await TestField.Start();
        await Deliver(field);

        var problem = Assert.IsType<ProblemHttpResult>(await Ask(field, field.Police, after: 2));

        Assert.Equal(Refusal.FeedAhead.Urned(), problem.ProblemDetails.Type);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, -1)]
    [InlineData(0, 26)]
    public async Task Refuses_a_position_or_a_wait_out_of_bounds(long after, int wait)
    {
        await using var field = await TestField.Start();

        var problem = Assert.IsType<ProblemHttpResult>(await Ask(field, field.Police, after, wait));

        Assert.Equal(Refusal.Malformed.Urned(), problem.ProblemDetails.Type);
    }

    [Fact]
    public async Task A_reader_that_waits_is_woken_by_the_commit()
    {
        await using var field = await TestField.Start();
        await Deliver(field);

        var waiting = Task.Run(() => Read(field, field.Shelter, after: 1, wait: 25), Ct);
        await field.Handoff();
        Assert.False(waiting.IsCompleted);
        await Deliver(field);

        Assert.Equal([2], (await waiting.WaitAsync(TimeSpan.FromSeconds(10), Ct)).Select(item => item.N));
    }

    [Fact]
    public async Task A_reader_that_waits_does_not_hold_up_the_end_of_the_process()
    {
        await using var field = await TestField.Start();
        await Deliver(field);
        var host = NewHost();

        var waiting = Task.Run(() => Read(field, field.Shelter, after: 1, wait: 25, host), Ct);
        host.StopApplication();

        Assert.Empty(await waiting.WaitAsync(TimeSpan.FromSeconds(10), Ct));
    }

    private static async Task<List<string>> Kinds(TestField field, TestAgency agency) =>
        [.. (await Read(field, agency)).Select(item => Code.Text(StoredStatement.Read<Statement>(item.Statements[0]).Kind))];

    private static async Task<IReadOnlyList<FeedEntry>> Read(
        TestField field, TestAgency agency, long after = 0, int wait = 0, IHostApplicationLifetime? host = null) =>
        Assert.IsType<Ok<FeedPage>>(await Ask(field, agency, after, wait, host)).Value!.Items;

    private static Task<Microsoft.AspNetCore.Http.IResult> Ask(
        TestField field, TestAgency agency, long after = 0, int wait = 0, IHostApplicationLifetime? host = null) =>
        field.Use(async db => (await ReadFeed.Handle(new Caller(agency.Id), db, host ?? NewHost(), Ct, after, wait)).Result);

    private static ApplicationLifetime NewHost() => new(NullLogger<ApplicationLifetime>.Instance);

    // Does what the relay does, once.
    internal static async Task Deliver(TestField field)
    {
        var mediator = field.Hub.Services.GetRequiredService<IMediator>();
        var waiting = await field.Use(db => db.Set<OutboxMessage>().AsNoTracking().OrderBy(m => m.Seq).ToListAsync(Ct));
        foreach (var message in waiting)
        {
            Assert.True(StrictJson.TryRead<StatementRecorded>(message.Body, out var recorded));
            await mediator.Publish(recorded, Pipe.Execute<PublishContext>(context => context.MessageId = message.MessageId), Ct);
        }
    }
}
