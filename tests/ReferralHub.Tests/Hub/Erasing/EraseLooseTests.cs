using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Commands;
using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Profiles;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Hub.Profiles;
using static ReferralHub.Tests.Hub.Erasing.TestErasing;

namespace ReferralHub.Tests.Hub.Erasing;

/// <summary>What belongs to no referral is kept for as long as the longest rule says, docs/protocol.md §4.8.</summary>
[Trait("store", "each")]
public sealed class EraseLooseTests
{
    private static readonly Handle Auditor = Handle.Parse("aud1tor");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_looked_and_who_was_refused_goes_and_what_tells_of_agencies_and_the_log_stays()
    {
        await using var field = await Start();
        var before = await field.Events();
        await Look(field);
        await field.Refused(Refusal.NotFound, field.NewRevocation(field.NewConsent()));
        await field.Pass(Days - 1);
        Assert.Equal(0, await field.Erase());

        await field.Pass(1);

        Assert.Equal(2, await field.Erase());
        Assert.Equal(before.Select(happened => happened.ToBytes()), (await field.Events()).SkipLast(1).Select(happened => happened.ToBytes()));
        Assert.Null((await field.Verify()).Wrong);
    }

    [Fact]
    public async Task The_longest_rule_counts_and_one_that_keeps_for_ever_keeps_all()
    {
        await using var field = await Start();
        await Look(field);
        await field.Hub.AddPolicy("other");
        await field.Pass(2 * Days);
        Assert.Equal(0, await field.Erase());
        await field.Hub.AddPolicy("other", version: 2, keepRecordsDays: 3 * Days);
        Assert.Equal(0, await field.Erase());

        await field.Pass();

        Assert.Equal(1, await field.Erase());
        Assert.Equal("other@2", (await field.Erasures()).Single().Rule);
    }

    [Fact]
    public async Task A_refusal_about_a_referral_that_is_here_and_an_approval_go_with_it_and_not_before()
    {
        await using var field = await Start();
        var handoff = await field.Handoff(HandoffState.Accepted);
        await field.Takes(await field.Approved(handoff.Hold(field.Police, HoldAct.Placed)));
        await field.Refused(Refusal.OutOfTurn, handoff.Act(HandoffAct.Delivered) with { After = handoff.After });
        await field.Pass(2 * Days);

        Assert.Equal(0, await field.Erase());
    }

    [Fact]
    public async Task An_approval_of_what_never_came_goes()
    {
        await using var field = await Start();
        await field.Approved(await field.NewStatutory());
        await field.Pass();

        Assert.Equal(1, await field.Erase());
        Assert.Empty(await field.Use(db => db.Set<ApprovalRecord>().ToListAsync(Ct)));
    }

    [Fact]
    public async Task Of_profiles_and_capacities_the_newest_stay_and_agreements_stay()
    {
        await using var field = await Start();
        var said = await field.Use(db => db.Set<StoredStatement>().Select(s => s.Id).ToListAsync(Ct));
        for (var i = 0; i < 3; i++)
        {
            field.Clock.Now += TimeSpan.FromSeconds(1);
            await field.Receipt(PublishProfileTests.New(field));
            await field.Receipt(PublishProfileTests.Full(field));
        }

        await field.Pass();

        Assert.Equal(4, await field.Erase());
        var newest = await field.Use(db => db.Set<PublishedRecord>().Select(p => p.Statement).ToListAsync(Ct));
        Assert.Equal(said.Concat(newest).ToHashSet(), (await field.Use(db => db.Set<StoredStatement>().Select(s => s.Id).ToListAsync(Ct))).ToHashSet());
    }

    [Fact]
    public async Task A_profile_in_whose_hours_something_was_counted_of_what_is_here_stays_with_it()
    {
        await using var field = await Start();
        await Publish(field);
        var counted = await Publish(field);
        var handoff = await field.Handoff(HandoffState.Accepted);
        await Publish(field);
        var newest = await Publish(field);
        await field.Pass();
        Assert.Equal(1, await field.Erase()); // the first

        var report = await field.Report(await field.Bundle(handoff, field.Police));
        Assert.Equal((null, 2), (report.Finding, report.Story!.Acts.Count(act => act.Statement is Profile)));
        await handoff.Do(HandoffAct.Completed);
        await handoff.Do(HandoffAct.LoopClosed);
        await field.Pass();
        Assert.True(await field.Erase() > 2);
        var left = await field.Use(db => db.Set<StoredStatement>().Select(s => s.Id).ToListAsync(Ct));
        Assert.Equal((false, true), (left.Contains(counted), left.Contains(newest)));
    }

    [Fact]
    public async Task The_last_event_by_a_time_is_found_whatever_is_missing_between()
    {
        await using var field = await Start();
        for (var i = 0; i < 20; i++)
        {
            field.Clock.Now += TimeSpan.FromMinutes(i % 3);
            await Look(field);
        }

        await field.Sequence();
        await field.Use(db => db.Set<AuditRecord>().Where(r => r.Code == AuditEventCode.TrailRead && r.Id % 5 != 3).ExecuteDeleteAsync(Ct));
        var rows = await field.Use(db => db.Set<AuditRecord>().AsNoTracking().OrderBy(r => r.Id).ToListAsync(Ct));
        foreach (var at in rows.Select(row => row.Read().At).SelectMany(at => new[] { at.AddSeconds(-1), at, at.AddSeconds(1) }).Distinct())
        {
            var by = await field.Use(db => db.LastBy(at, Ct));
            Assert.Equal(rows.Count(row => row.Read().At <= at), rows.Count(row => row.Id <= by));
        }
    }

    private static async Task<ReferralHub.Cryptography.Encodings.Digest> Publish(TestField field)
    {
        field.Clock.Now += TimeSpan.FromSeconds(1);
        return (await field.Receipt(PublishProfileTests.New(field))).StatementId;
    }

    private static async Task Look(TestField field)
    {
        await using var scope = field.Hub.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Trail>().Read(new(), Auditor, 10, Ct);
    }
}
