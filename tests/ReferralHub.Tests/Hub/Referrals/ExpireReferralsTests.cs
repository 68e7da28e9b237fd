using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Protocol.Handoffs;

namespace ReferralHub.Tests.Hub.Referrals;

[Trait("store", "each")]
public sealed class ExpireReferralsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<HandoffPosition> Positions => [.. HandoffTable.Positions];

    [Theory, MemberData(nameof(Positions))]
    public async Task The_hub_ends_only_what_nobody_has_decided(HandoffPosition from)
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(from.State);
        if (from.Withdrawing) await handoff.Do(HandoffAct.Withdrawn);

        field.Clock.Now = handoff.Referral.Expires.AddSeconds(-1);
        if (from.State is not HandoffState.Expired) Assert.Equal(0, await field.Expire());
        field.Clock.Now = handoff.Referral.Expires;

        Assert.Equal(HandoffTable.Cells[(from, HandoffAct.Expired)] is null ? 0 : 1, await field.Expire());
        Assert.Equal(0, await field.Expire());
    }

    [Fact]
    public async Task Both_parties_are_told_by_a_statement_of_the_hub_with_its_event()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Delivered);
        var after = handoff.After;
        await handoff.Expire();

        var happened = (await field.Events())[^1];
        Assert.Equal(
            (AuditEventCode.StatementRecorded, (AgencyId?)null, StatementKind.HubAct, HandoffAct.Expired, HandoffState.Expired),
            (happened.Event, happened.Agency, happened.Kind!.Value, happened.Act!.Value, happened.State!.Value));
        var stored = await field.Use(db => db.Set<StoredStatement>().AsNoTracking().SingleAsync(s => s.Id == handoff.After, Ct));
        var signed = StoredStatement.Read(stored.Token);
        Assert.True(signed.Jws.IsSignedBy(field.Hub.Keys.Statements.VerifyingKey));
        Assert.Equal((handoff.Referral.ReferralId, after), (signed.Statement.About!.Value, signed.Statement.Follows!.Value));

        var told = await field.Use(db => db.Set<OutboxMessage>().AsNoTracking().OrderBy(m => m.Seq).Select(m => m.Body).ToListAsync(Ct));
        Assert.Equal(
            [field.Police.Id, field.Shelter.Id],
            told.TakeLast(2).Select(body => StrictJson.TryRead<StatementRecorded>(body, out var message) ? message.To : null));
        await field.Sequence();
        foreach (var party in new[] { field.Police, field.Shelter })
        {
            var proof = await field.Use(db => GetReceipt.Handle(handoff.After.ToString(), party.Caller, db, field.Hub.Keys, Ct));
            Assert.IsType<Microsoft.AspNetCore.Http.HttpResults.Ok<Receipt>>(proof.Result);
        }
    }

    [Fact]
    public async Task An_emergency_never_expires_whatever_it_was_before()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Acknowledged);
        await field.Receipt((SenderAct)handoff.Act(HandoffAct.UrgencyChanged) with { Urgency = Urgency.Emergency });

        field.Clock.Now = handoff.Referral.Expires;
        Assert.Equal(0, await field.Expire());
        await handoff.Do(HandoffAct.Accepted);
    }

    [Fact]
    public async Task What_is_no_emergency_any_more_expires()
    {
        await using var field = await TestField.Start();
        var referral = await field.NewReferral(await field.Consented()) with { Urgency = Urgency.Emergency };
        var handoff = new TestHandoff(field, referral);
        await handoff.Send();
        field.Clock.Now = referral.Expires;
        Assert.Equal(0, await field.Expire());

        await handoff.Do(HandoffAct.UrgencyChanged);

        Assert.Equal(1, await field.Expire());
    }

    [Fact]
    public async Task Of_an_answer_and_the_end_at_the_same_moment_one_takes_effect()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Acknowledged);
        var declined = handoff.Act(HandoffAct.Declined);
        await handoff.Expire();

        var problem = await field.Refused(Refusal.Stale, declined);

        Assert.Equal("expired", problem.ProblemDetails.Extensions["state"]);
    }

    [Fact]
    public async Task Many_looks_at_once_end_it_once()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff();
        field.Clock.Now = handoff.Referral.Expires;

        var ended = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(field.Expire, Ct)));

        Assert.Equal(1, ended.Sum());
        Assert.Single(await field.Events(), happened => happened.Act is HandoffAct.Expired);
    }
}
