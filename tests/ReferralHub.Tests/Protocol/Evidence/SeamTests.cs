using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Tests.Protocol.Evidence;

/// <summary>Evidence of a hub that was restored from a backup. Spec: docs/protocol.md §4.7.</summary>
public sealed class SeamTests
{
    [Fact]
    public void The_story_of_a_restored_hub_holds_and_tells_what_came_back()
    {
        using var story = new Story().Play().Reopen(returned: 2);

        var report = story.Check();

        Assert.Null(report.Finding);
        Assert.Equal(2, report.Story!.Acts.Count(act => act.CameBack));
        Assert.Equal(story.Genesis.Origin.AuditLog, report.Story.Restorations.Single().Former.Origin);
    }

    [Fact]
    public void Two_restorations_are_told_in_their_order()
    {
        using var story = new Story().Play().Reopen().Reopen(returned: 1);

        var report = story.Check();

        Assert.Null(report.Finding);
        Assert.Equal([story.Genesis.Origin.AuditLogOf(1), story.Genesis.Origin.AuditLogOf(2)], report.Story!.Restorations.Select(r => r.Former.Origin));
    }

    [Fact]
    public void A_new_log_without_the_event_that_opened_it_is_refused()
    {
        using var story = new Story().Play().Reopen();
        var contents = story.Contents();

        Broken(story, contents with { Events = [.. contents.Events.Where(e => e.Index > 0)] }, 0, EvidenceFault.FileMissing);
    }

    [Fact]
    public void Nobody_leaves_a_log_out()
    {
        using var story = new Story().Play().Reopen().Reopen();
        var contents = story.Contents();

        Broken(story, contents with { Events = [.. contents.Events.Where(e => e.Index != 1)] }, 1, EvidenceFault.FileMissing);
    }

    [Fact]
    public void The_opening_must_follow_the_log_before_it()
    {
        using var story = new Story().Play().Reopen(change: former => former with { Origin = "another/audit" });

        Broken(story, story.Contents(), 0, EvidenceFault.Seam);
    }

    [Fact]
    public void The_first_log_has_no_opening()
    {
        using var story = new Story().Play();
        story.Log(new()
        {
            Event = AuditEventCode.LogOpened,
            At = story.Logged.Last().At,
            Directory = story.DirectoryHead,
            Former = new(story.Genesis.Origin.AuditLog, 1, Story.Sealed("root"), 1, 0),
        });

        Broken(story, story.Contents(), story.Logged.Count() - 1, EvidenceFault.Seam);
    }

    [Theory]
    [InlineData(500, null)]
    [InlineData(499, EvidenceFault.StatementAhead)]
    public void What_came_back_may_name_a_head_of_the_former_log_and_no_larger_one(long former, EvidenceFault? fault)
    {
        using var story = new Story { Say = said => said is SenderAct { Act: HandoffAct.LoopClosed } ? said with { AuditLog = new(500, Story.Sealed("root")) } : said }.Play();

        story.Reopen(returned: 5, change: said => said with { Size = former });

        Assert.Equal(fault, story.Check().Finding?.Fault);
    }

    private static void Broken(Story story, EvidenceContents contents, long index, EvidenceFault fault)
    {
        var report = EvidenceCheck.Run(Story.Bytes(EvidenceBundle.Make(contents, story.Key("hub signing"), Story.Start)), story.Fingerprint);
        Assert.Equal(($"events/{index:D12}.json", fault), (report.Finding!.Path, report.Finding.Fault));
    }
}
