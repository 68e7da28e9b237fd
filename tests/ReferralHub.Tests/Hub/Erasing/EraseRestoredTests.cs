using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Referrals;
using ReferralHub.Hub.Restoring;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Tests.Hub.Restoring;
using static ReferralHub.Tests.Hub.Erasing.TestErasing;

namespace ReferralHub.Tests.Hub.Erasing;

/// <summary>What was erased in a hub that comes back from a backup, docs/protocol.md §4.7 and §4.8.</summary>
[Trait("store", "each")]
public sealed class EraseRestoredTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_leaves_go_into_the_new_log_and_what_was_erased_does_not_come_back()
    {
        await using var test = await Start();
        var over = await test.Lost.Handoff(HandoffState.Declined);
        var held = await test.Holds(test.Lost.Police);
        var open = await test.Lost.Handoff(HandoffState.Accepted);
        await test.Lost.Pass();
        Assert.True(await test.Lost.Erase() > 0);
        var before = await test.Lost.Verify();
        await test.Backup();
        await open.Do(HandoffAct.InProgress);
        await test.Lost.Sequence();

        await test.Restore();
        await test.HandIn(test.Lost.Shelter);
        var asked = Assert.IsType<Ok<RestorationAnswer>>((await test.Post(test.Lost.Police, new(Statements: held, Done: true))).Result); // it kept what the hub has erased
        var opened = await test.Open();

        Assert.Empty(asked.Value!.Parts);
        Assert.Equal((before.Audit, 1, 0), (opened.Former.Kept, (int)opened.Former.Returned, opened.Aside.Count));
        Assert.Null(await test.Restored.Use(db => db.Set<ReferralRecord>().SingleOrDefaultAsync(r => r.Id == over.Referral.ReferralId, Ct)));
        var found = await test.Restored.Verify();
        Assert.Equal((null, before.Erased, before.Audit + 2), (found.Wrong, found.Erased, found.Audit));
        Assert.Equal((await test.Lost.Remains()).Select(left => (left.Leaf, left.Index + 1)), (await test.Restored.Remains()).Select(left => (left.Leaf, left.Index)));
        var report = await test.Restored.Report(await test.Restored.Bundle(open.At(test.Restored), test.Restored.Police));
        Assert.Equal((null, HandoffState.InProgress), (report.Finding, report.Story?.State));
    }

    [Fact]
    public async Task What_the_backup_still_had_is_erased_again_and_places_count_through_all_logs()
    {
        await using var test = await Start();
        await test.Lost.Handoff(HandoffState.Declined);
        await test.Lost.Pass(Days - 100);
        var later = await test.Lost.Handoff(HandoffState.Undeliverable, await test.Lost.Consented());
        await test.Lost.Pass(100);
        Assert.True(await test.Lost.Erase() > 0);
        await test.Backup();

        await test.Restore();
        await test.Open();
        await test.Restored.Pass(Days - 100);
        Assert.True(await test.Restored.Erase() > 0);

        var found = await test.Restored.Verify();
        Assert.Null(found.Wrong);
        Assert.Equal((await test.Restored.Remains()).Count, (int)found.Erased);
        Assert.DoesNotContain(await test.Restored.Events(), happened => happened.Referral == later.Referral.ReferralId);
        var places = (await test.Restored.Erasures()).SelectMany(erasure => erasure.Places!).ToList();
        Assert.Equal((await test.Restored.Remains()).Select(left => left.Index!.Value - 1), places.Order());

        await using var again = test.Again();
        await again.Backup();
        await again.Restore();
        await again.Open();
        Assert.Equal((null, found.Erased), ((await again.Restored.Verify()).Wrong, (await again.Restored.Verify()).Erased));
    }

    private static async Task<TestRestoration> Start()
    {
        var test = await TestRestoration.Start();
        await test.Lost.Hub.AddPolicy(version: 2, keepRecordsDays: Days);
        return test;
    }
}
