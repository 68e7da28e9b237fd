using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Evidence;

/// <summary>What a genuine bundle proves (docs/protocol.md §5).</summary>
public sealed class EvidenceStoryTests : IDisposable
{
    private readonly Story _story = new Story().Play();

    [Fact]
    public void A_genuine_bundle_is_believed() => Assert.Null(_story.Check().Finding);

    [Fact]
    public void The_same_contents_give_the_same_bundle() => Assert.Equal(_story.Bundle(), _story.Bundle());

    [Fact]
    public void A_bundle_says_its_size_before_it_is_written()
    {
        var bundle = EvidenceBundle.Make(_story.Contents(), _story.Key("hub signing"), Story.Start);
        Assert.Equal(Story.Bytes(bundle).Length, bundle.Size);
        Assert.Equal(ReferralHub.Cryptography.Encodings.Digest.Of(Files.Of(Story.Bytes(bundle))["manifest.json"]), bundle.Manifest);
    }

    [Fact]
    public void A_bundle_is_not_made_of_what_no_bundle_can_hold()
    {
        var whole = _story.Contents();
        Refuses(whole with { DirectoryEntries = [.. whole.DirectoryEntries.Skip(1), whole.DirectoryEntries[0]] });
        Refuses(whole with { DirectoryEntries = [.. whole.DirectoryEntries.SkipLast(1)] });
        Refuses(whole with { Events = [whole.Events[0] with { Opening = new byte[31] }] });
        Refuses(whole with { Events = [whole.Events[0], whole.Events[0]] });
        Refuses(whole with { Statements = [whole.Statements[0], whole.Statements[0]] });
        Refuses(whole with { Events = [whole.Events[0] with { Bytes = new byte[EvidenceBundle.MaxSize] }] });

        void Refuses(EvidenceContents contents) =>
            Assert.ThrowsAny<ArgumentException>(() => EvidenceBundle.Make(contents, _story.Key("hub signing"), Story.Start));
    }

    [Fact]
    public void The_most_events_of_a_referral_leave_room_for_a_directory_of_six_thousand_entries()
    {
        // docs/protocol.md §4.4: 2,048 events of each party; §3.1: 4 KiB a statement. An event with every member is shorter
        // than 1,200 bytes, and 40 hashes prove a place among 10^12.
        var contents = _story.Contents();
        var longest = Enumerable.Range(0, 4096).Select(i => contents.Events[0] with
        {
            Bytes = new byte[1200],
            Index = 999_999_990_000 + i,
            Proof = [.. Enumerable.Repeat(Story.Sealed("hash"), 40)],
        });
        var full = contents with { Events = [.. longest], Statements = [] };
        var audit = new TreeHead(1_000_000_000_000, Story.Sealed("root"));
        full = full with { AuditCheckpoint = _story.Checkpoint("hub.example/audit", "audit log", audit) };

        var events = EvidenceBundle.Make(full, _story.Key("hub signing"), Story.Start).Size;

        // A statement's file: its token, its path three times, its digest and the zip's own fields.
        const long statements = 4096 * (4096 + (3 * 79) + 70 + 76);
        const long directory = 6000 * (4096 + (3 * 20) + 70 + 76);
        Assert.InRange(events + statements + directory, 1, EvidenceBundle.MaxSize);
        Assert.InRange((4096 * 4) + 6000, 1, EvidenceBundle.MaxFiles);
    }

    [Fact]
    public void The_story_names_the_parties_and_where_it_ended()
    {
        var story = Told();
        Assert.Equal(("hub.example", Story.Id(3)), (story.Origin.ToString(), story.Referral));
        Assert.Equal((Story.Police, Story.Shelter), (story.Sender, story.Recipient));
        Assert.Equal((HandoffState.LoopClosed, (AgencyId?)null), (story.State, story.Responsible));
        Assert.Equal(story.Acts[^1].At.AddMinutes(5), story.AsOf);
    }

    [Fact]
    public void The_acts_are_told_in_order_with_who_is_responsible_after_each()
    {
        var (police, shelter) = ("north-police", "harbour-shelter");
        Assert.Equal(
            [
                (shelter, "agreement", "", ""),
                (police, "agreement", "", ""),
                (police, "consent", "", ""),
                (police, "referral", "sent", police),
                (shelter, "refused", "sent", police),
                (shelter, "release-request", "sent", police),
                (shelter, "acknowledgement", "delivered", police),
                (shelter, "access", "delivered", police),
                (shelter, "acknowledgement", "acknowledged", police),
                (shelter, "refused", "acknowledged", police),
                (shelter, "acknowledgement", "accepted", shelter),
                (shelter, "release-request", "accepted", shelter),
                (shelter, "access", "accepted", shelter),
                (shelter, "access", "accepted", shelter),
                (shelter, "acknowledgement", "completed", police),
                (police, "release-request", "completed", police),
                (police, "access", "completed", police),
                (police, "sender-act", "loop-closed", ""),
                (police, "evidence-exported", "loop-closed", ""),
            ],
            Told().Acts.Select(act => (
                act.Agency?.ToString() ?? "",
                act.Statement is { } statement ? Code.Text(statement.Kind) : Code.Text(act.Event),
                act.State is { } state ? Code.Text(state) : "",
                act.Responsible?.ToString() ?? "")));
    }

    [Fact]
    public void Decisions_and_refusals_are_part_of_the_story()
    {
        var acts = Told().Acts;
        Assert.Equal(
            [StatementKind.Referral, StatementKind.ReleaseRequest, StatementKind.Acknowledgement, null, StatementKind.ReleaseRequest],
            acts.Where(act => act.Decision is { Permit: true, Policy: "north@1", Reasons.Count: 0 }).Select(act => act.Statement?.Kind));
        Assert.Equal(
            ["urn:referralhub:refusal:wrong-state", "urn:referralhub:refusal:not-released"],
            acts.Where(act => act.Event == AuditEventCode.Refused).Select(act => act.Refusal));
    }

    [Fact]
    public void Each_part_is_accounted_for_at_both_ends()
    {
        var told = Told();
        Assert.Equal([(Part.Summary, 1, 1), (Part.Record, 1, 2), (Part.Note, 1, 1)], told.Disclosures.Select(part => (part.Part, part.Releases.Count, part.Accesses.Count)));
        Assert.All(told.Disclosures, part => Assert.Equal(DisclosureMatch.Paired, part.Match));
        Assert.Equal([(Story.Police, Story.Shelter), (Story.Police, Story.Shelter), (Story.Shelter, Story.Police)], told.Disclosures.Select(part => (part.From, part.To)));

        var record = told.Disclosures[1];
        Assert.Equal((Story.Shelter, "wrk0002", Purpose.Protection, (AccessAct?)null), Step(record.Releases[0]));
        Assert.Equal([AccessAct.Opened, AccessAct.Exported], record.Accesses.Select(step => step.Act!.Value));
        Assert.Null(told.Disclosures[0].Releases[0].By);

        static (AgencyId, string?, Purpose, AccessAct?) Step(DisclosureStep step) => (step.Agency, step.By?.ToString(), step.Purpose, step.Act);
    }

    [Fact]
    public void A_part_that_was_handed_over_and_never_opened_is_listed()
    {
        using var story = new Story { Happens = statement => statement is not Access { Part: Part.Record } }.Play();
        Assert.Equal([DisclosureMatch.Paired, DisclosureMatch.NotOpened, DisclosureMatch.Paired], Matches(story));
    }

    [Fact]
    public void A_part_that_was_opened_and_never_handed_over_is_listed()
    {
        using var story = new Story { Happens = statement => statement is not ReleaseRequest { Part: Part.Record } }.Play();
        Assert.Equal([DisclosureMatch.Paired, DisclosureMatch.OpenedUnreleased, DisclosureMatch.Paired], Matches(story));
    }

    [Fact]
    public void A_part_that_nobody_asked_for_is_listed()
    {
        using var story = new Story { Happens = statement => statement is not (ReleaseRequest { Part: Part.Note } or Access { Part: Part.Note }) }.Play();
        Assert.Equal([DisclosureMatch.Paired, DisclosureMatch.Paired, DisclosureMatch.NotReleased], Matches(story));
    }

    [Fact]
    public void An_opening_by_the_side_that_sealed_it_pairs_nothing()
    {
        using var story = new Story { Say = statement => statement is Access { Part: Part.Record } own ? own with { Issuer = Story.Police } : statement }.Play();
        Assert.Equal([DisclosureMatch.Paired, DisclosureMatch.NotOpened, DisclosureMatch.Paired], Matches(story));
    }

    [Fact]
    public void A_story_may_still_be_going_on()
    {
        using var story = new Story { Happens = statement => statement is not (Acknowledgement { Act: HandoffAct.Completed } or SenderAct or ReleaseRequest { Part: Part.Note } or Access { Part: Part.Note }) }.Play();
        var told = story.Check().Story;
        Assert.Equal((HandoffState.Accepted, Story.Shelter), (told?.State, told?.Responsible));
    }

    [Fact]
    public void A_refused_request_keeps_the_answer_of_the_check_and_it_is_recomputed()
    {
        using var story = new Story
        {
            Record = recorded => recorded is { Event: AuditEventCode.Refused, Kind: StatementKind.ReleaseRequest }
                ? recorded with { Decision = new ConsentDecision("north@1", false, [RefusalReason.ConsentExpired]) }
                : recorded,
        }.Play();
        Assert.Equal(EvidenceFault.Decision, story.Check().Finding?.Fault);
    }

    [Theory]
    [InlineData(StatementKind.ReleaseRequest, Part.Record, null)]
    [InlineData(StatementKind.ReleaseRequest, Part.Note, EvidenceFault.Decision)]
    [InlineData(StatementKind.ReleaseRequest, null, EvidenceFault.Decision)]
    [InlineData(StatementKind.Acknowledgement, null, null)]
    [InlineData(StatementKind.Access, Part.Record, EvidenceFault.Decision)]
    [InlineData(StatementKind.SenderAct, null, EvidenceFault.Decision)]
    [InlineData(null, null, EvidenceFault.Decision)]
    public void A_refusal_has_an_answer_of_the_check_only_where_the_check_runs(StatementKind? kind, Part? part, EvidenceFault? fault)
    {
        using var story = new Story
        {
            Record = recorded => recorded is { Event: AuditEventCode.Refused, Kind: StatementKind.ReleaseRequest }
                ? recorded with { Kind = kind, Part = part, Sha256 = part is null ? null : recorded.Sha256 }
                : recorded,
        }.Play();
        Assert.Equal(fault, story.Check().Finding?.Fault);
    }

    [Fact]
    public void The_answer_about_another_referral_under_this_id_cannot_be_repeated_and_is_believed()
    {
        using var story = new Story
        {
            Record = recorded => recorded is { Event: AuditEventCode.Refused, Kind: StatementKind.ReleaseRequest }
                ? recorded with { Kind = StatementKind.Referral, Part = null, Sha256 = null, Decision = new("north@1", false, [RefusalReason.ServiceOutside]) }
                : recorded,
        }.Play();
        Assert.Null(story.Check().Finding);
    }

    public void Dispose() => _story.Dispose();

    private static IEnumerable<DisclosureMatch> Matches(Story story)
    {
        var report = story.Check();
        Assert.Null(report.Finding);
        return report.Story!.Disclosures.Select(part => part.Match);
    }

    private EvidenceStory Told() => _story.Check().Story ?? throw new InvalidOperationException("A genuine bundle has a story.");
}
