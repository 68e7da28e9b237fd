using ReferralHub.Cryptography.Log;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Evidence;

/// <summary>
/// The hub itself, or a party with its help, lies: every lie is logged, proven and signed like the truth, and is still
/// found, because everything the hub says it did is done again (docs/protocol.md §5).
/// </summary>
public sealed class LyingHubTests
{
    // What is recorded of the acceptance, and what is wrong with it.
    private static readonly Dictionary<string, (Func<AuditEvent, AuditEvent> Lie, EvidenceFault Fault)> Acceptances = new()
    {
        ["by the other agency"] = (e => e with { Agency = Story.Police }, EvidenceFault.EventDiffers),
        ["by nobody"] = (e => e with { Agency = null }, EvidenceFault.EventDiffers),
        ["of another referral"] = (e => e with { Referral = Story.Id(4) }, EvidenceFault.EventDiffers),
        ["of no referral"] = (e => e with { Referral = null }, EvidenceFault.EventDiffers),
        ["as a sender's act"] = (e => e with { Kind = StatementKind.SenderAct }, EvidenceFault.EventDiffers),
        ["without its kind"] = (e => e with { Kind = null }, EvidenceFault.EventDiffers),
        ["as a decline"] = (e => e with { Act = HandoffAct.Declined }, EvidenceFault.EventDiffers),
        ["as a release"] = (e => e with { Event = AuditEventCode.PartReleased }, EvidenceFault.EventDiffers),
        ["with a refusal"] = (e => e with { Refusal = "urn:referralhub:refusal:wrong-state" }, EvidenceFault.EventDiffers),
        ["with a manifest"] = (e => e with { Manifest = Story.Sealed("manifest") }, EvidenceFault.EventDiffers),
        ["with a part"] = (e => e with { Part = Part.Record }, EvidenceFault.EventDiffers),
        ["with a digest"] = (e => e with { Sha256 = Story.Sealed("record") }, EvidenceFault.EventDiffers),
        ["with another state"] = (e => e with { State = HandoffState.Declined }, EvidenceFault.State),
        ["without its state"] = (e => e with { State = null }, EvidenceFault.State),
        ["with a decision"] = (e => e with { Decision = new("north@1", true, []) }, EvidenceFault.Decision),
        ["with a root that the directory never had"] = (e => e with { Directory = e.Directory with { Root = Story.Sealed("root") } }, EvidenceFault.EventDirectory),
        ["with a directory of another size"] = (e => e with { Directory = e.Directory with { Size = 3 } }, EvidenceFault.EventDirectory),
        ["with a directory that is not there yet"] = (e => e with { Directory = e.Directory with { Size = 5 } }, EvidenceFault.EventDirectory),
        ["with the empty directory"] = (e => e with { Directory = new(0, MerkleTree.EmptyRoot) }, EvidenceFault.EventDirectory),
        ["earlier than the event before"] = (e => e with { At = e.At.AddMinutes(-6) }, EvidenceFault.EventOrder),
    };

    public static TheoryData<string> WaysToRecordAnAcceptance => [.. Acceptances.Keys];

    [Theory]
    [MemberData(nameof(WaysToRecordAnAcceptance))]
    public void An_acceptance_is_not_recorded(string how)
    {
        var (lie, fault) = Acceptances[how];
        using var story = new Story { Record = recorded => recorded is { Act: HandoffAct.Accepted } ? lie(recorded) : recorded }.Play();
        Broken(story, Event(story, recorded => recorded.Statement == Accepted(story).Id), fault);
    }

    [Fact]
    public void An_acceptance_is_recorded_at_the_same_second_as_the_event_before()
    {
        using var story = new Story
        {
            Record = recorded => recorded is { Event: AuditEventCode.Refused, Kind: StatementKind.ReleaseRequest } ? recorded with { At = recorded.At.AddMinutes(5) } : recorded,
        }.Play();
        Assert.Null(story.Check().Finding);
    }

    [Fact]
    public void An_event_names_its_statement()
    {
        using var story = new Story { Record = recorded => recorded is { Act: HandoffAct.Accepted } ? recorded with { Statement = null } : recorded }.Play();
        Broken(story, Event(story, recorded => recorded.Act == HandoffAct.Accepted), EvidenceFault.EventDiffers);
    }

    [Fact]
    public void A_later_event_does_not_know_less_of_the_directory()
    {
        using var story = new Story();
        story.Found();
        var less = story.DirectoryAt(3);
        using var lying = new Story { Record = recorded => recorded is { Act: HandoffAct.Accepted } ? recorded with { Directory = less } : recorded }.Play();
        Broken(lying, Event(lying, recorded => recorded.Act == HandoffAct.Accepted), EvidenceFault.EventOrder);
    }

    [Fact]
    public void A_statement_is_recorded_once()
    {
        using var story = new Story().Play();
        story.Log(story.Logged.First(logged => logged.Act == HandoffAct.LoopClosed) with { At = Story.Start.AddDays(1) });
        Broken(story, Event(story, _ => true), EvidenceFault.EventRepeated);
    }

    [Fact]
    public void A_part_is_released_once_for_each_request()
    {
        using var story = new Story().Play();
        story.Log(story.Logged.First(logged => logged.Event == AuditEventCode.PartReleased) with { At = Story.Start.AddDays(1) });
        Broken(story, Event(story, _ => true), EvidenceFault.EventRepeated);
    }

    [Theory]
    [InlineData(AuditEventCode.AgencyJoined, 3)]
    [InlineData(AuditEventCode.AgencyInvited, 3)]
    [InlineData(AuditEventCode.DirectoryCheckpoint, 3)]
    [InlineData(AuditEventCode.Refused, 4)]
    [InlineData(AuditEventCode.EvidenceExported, 4)]
    public void An_event_about_something_else_is_foreign(AuditEventCode code, int referral)
    {
        using var story = new Story().Play();
        story.Log(new() { Event = code, At = Story.Start.AddDays(1), Directory = story.DirectoryHead, Agency = Story.Police, Referral = Story.Id(referral) });
        Broken(story, Event(story, _ => true), EvidenceFault.EventForeign);
    }

    [Fact]
    public void A_statement_needs_its_event_and_an_event_its_statement()
    {
        using var story = new Story().Play();
        var files = Files.Of(story.Bundle());
        files.DropEvent(files.EventOf(statement => statement is SenderAct) + ".json");
        Broken(story, files, files.PathOf(statement => statement is SenderAct), EvidenceFault.StatementUnrecorded);

        files = Files.Of(story.Bundle());
        var path = files.PathOf(statement => statement is SenderAct);
        files.Remove(path);
        Broken(story, files, path, EvidenceFault.FileMissing);
    }

    [Fact]
    public void A_bundle_is_about_exactly_one_referral()
    {
        using var story = new Story().Play();
        var files = Files.Of(story.Bundle()).DropAct(statement => statement is Referral);
        Broken(story, files, "evidence.zip", EvidenceFault.FileMissing);

        var second = story.Act(story.Referral() with { ReferralId = Story.Id(4) })!;
        var first = Files.Of(story.Bundle()).StatementOf(statement => statement is Referral { ReferralId: var id } && id == Story.Id(3)).Id;
        var later = new[] { first, second.Id }.MaxBy(id => id.ToString());
        Broken(story, $"statements/{later}.jws", EvidenceFault.StatementForeign);
    }

    public static TheoryData<string> Strangers => ["consent", "agreement", "agreement of a stranger", "act", "act of another referral", "receipt"];

    [Theory]
    [MemberData(nameof(Strangers))]
    public void A_statement_that_has_nothing_to_do_with_the_referral_is_foreign(string what)
    {
        using var story = new Story { SignWith = statement => statement is HubReceipt ? "hub signing" : statement.Issuer + " signing" }.Play();
        var hospital = AgencyId.Parse("east-hospital");
        var foreign = story.Act(what switch
        {
            "consent" => story.Consent() with { ConsentId = Story.Id(9) },
            "agreement" => story.Proposal() with { To = hospital, Routes = [new(Story.Shelter, hospital)] },
            "agreement of a stranger" => story.Proposal() with { Issuer = hospital, Routes = [new(Story.Police, hospital)] },
            "act of another referral" => story.Access(Story.Shelter, Part.Summary, AccessAct.Opened) with { Referral = Story.Id(9) },
            "act" => story.LoopClosed() with { Issuer = hospital },
            _ => new HubReceipt
            {
                Issuer = AgencyId.Hub,
                IssuedAt = Story.Start,
                Directory = story.DirectoryHead,
                AuditLog = story.AuditHead,
                StatementId = Story.Sealed("statement"),
                Leaf = new string('0', 68),
            },
        })!;
        Broken(story, $"statements/{foreign.Id}.jws", EvidenceFault.StatementForeign);
    }

    [Fact]
    public void A_signer_has_not_seen_more_of_the_directory_than_the_hub_held()
    {
        using var before = new Story().Found();
        var held = before.DirectoryHead;
        using var story = new Story { Record = recorded => recorded.Kind == StatementKind.Agreement ? recorded with { Directory = held } : recorded };
        var seen = story.Found().Amend().DirectoryHead;
        var proposal = story.Act(story.Proposal())!;
        Assert.True(held.Size < seen.Size && proposal.Statement.Directory == seen);
        story.Act((Agreement)proposal.Statement with { Issuer = Story.Police, To = Story.Shelter, Accepts = proposal.Id, Directory = held });
        story.Act(story.Consent());
        story.Act(story.Referral());
        Broken(story, $"statements/{proposal.Id}.jws", EvidenceFault.StatementAhead);
    }

    [Theory]
    [InlineData(StatementKind.Access)]
    [InlineData(null)]
    public void A_state_that_need_not_be_recorded_is_recorded_rightly(StatementKind? kind)
    {
        // An access, or the export at the end.
        bool There(AuditEvent recorded) => kind is null ? recorded.Event == AuditEventCode.EvidenceExported : recorded.Kind == kind && recorded.Part == Part.Note;
        using var without = new Story { Record = recorded => There(recorded) ? recorded with { State = null } : recorded }.Play();
        Assert.Null(without.Check().Finding);
        using var wrong = new Story { Record = recorded => There(recorded) ? recorded with { State = HandoffState.Declined } : recorded }.Play();
        Broken(wrong, Event(wrong, There), EvidenceFault.State);
    }

    [Fact]
    public void A_referral_is_recorded_with_its_state()
    {
        using var story = new Story { Record = recorded => recorded.Kind == StatementKind.Referral ? recorded with { State = null } : recorded }.Play();
        Broken(story, Event(story, recorded => recorded.Kind == StatementKind.Referral), EvidenceFault.State);
    }

    [Fact]
    public void An_agreement_made_after_the_referral_disturbs_nothing()
    {
        using var story = new Story().Play();
        var later = story.Act(story.Proposal() with { AgreementId = Story.Id(8) })!;
        story.Act((Agreement)later.Statement with { Issuer = Story.Police, To = Story.Shelter, Accepts = later.Id });
        Assert.Null(story.Check().Finding);
    }

    [Fact]
    public void An_issuer_signs_with_its_own_signing_key()
    {
        foreach (var key in (string[])[Story.Police + " signing", Story.Shelter + " recovery", "hub signing", "court"])
        {
            using var story = new Story { SignWith = statement => IsAccepted(statement) ? key : statement.Issuer + " signing" }.Play();
            Broken(story, $"statements/{Accepted(story).Id}.jws", EvidenceFault.StatementKey);
        }
    }

    [Fact]
    public void A_key_counts_from_its_enrolment_on()
    {
        using var before = new Story().Found();
        var early = before.DirectoryAt(3);
        using var story = new Story
        {
            Say = statement => statement is Agreement { Accepts: null } ? statement with { Directory = early } : statement,
            Record = recorded => recorded.Kind == StatementKind.Agreement && recorded.Agency == Story.Shelter ? recorded with { Directory = early } : recorded,
        }.Play();
        var proposal = Files.Of(story.Bundle()).PathOf(statement => statement is Agreement { Accepts: null });
        // The joining of an agency is no part of a bundle, so that nothing before shows the larger directory.
        Broken(story, proposal, EvidenceFault.StatementKey);
    }

    private static readonly Dictionary<string, Func<Statement, Statement>> Claims = new()
    {
        ["a larger directory"] = s => s with { Directory = s.Directory with { Size = 5 } },
        ["another directory"] = s => s with { Directory = s.Directory with { Root = Story.Sealed("root") } },
        ["no directory"] = s => s with { Directory = new(0, MerkleTree.EmptyRoot) },
        ["a longer audit log"] = s => s with { AuditLog = s.AuditLog with { Size = s.AuditLog.Size + 1 } },
        ["another empty audit log"] = s => s with { AuditLog = new(0, Story.Sealed("root")) },
        ["a time 61 s from now"] = s => s with { IssuedAt = s.IssuedAt.AddSeconds(61) },
    };

    public static TheoryData<string> ThingsNotSeen => [.. Claims.Keys];

    [Theory]
    [MemberData(nameof(ThingsNotSeen))]
    public void A_statement_cannot_have_seen(string what)
    {
        using var story = new Story { Say = statement => IsAccepted(statement) ? Claims[what](statement) : statement }.Play();
        Broken(story, $"statements/{Accepted(story).Id}.jws", EvidenceFault.StatementAhead);
    }

    [Fact]
    public void Two_statements_cannot_have_seen_two_audit_logs_of_one_size()
    {
        var head = new TreeHead(7, Story.Sealed("one"));
        using var story = new Story
        {
            Say = statement => IsAccepted(statement) ? statement with { AuditLog = head }
                : statement is SenderAct ? statement with { AuditLog = head with { Root = Story.Sealed("other") } } : statement,
        }.Play();
        Broken(story, Files.Of(story.Bundle()).PathOf(statement => statement is SenderAct), EvidenceFault.StatementAhead);
    }

    [Fact]
    public void A_statement_may_be_60_s_ahead_and_know_nothing_of_the_audit_log()
    {
        using var story = new Story
        {
            Say = statement => IsAccepted(statement) ? statement with { IssuedAt = statement.IssuedAt.AddSeconds(60), AuditLog = new(0, MerkleTree.EmptyRoot) } : statement,
        }.Play();
        Assert.Null(story.Check().Finding);
    }

    [Fact]
    public void Both_checkpoints_bear_the_log_s_signature_and_the_cosigner_s()
    {
        using var story = new Story().Play();
        var contents = story.Contents();
        var (directory, audit) = (contents.DirectoryCheckpoint.Checkpoint, contents.AuditCheckpoint.Checkpoint);
        var (directoryHead, auditHead) = (new TreeHead(directory.Size, directory.Root), new TreeHead(audit.Size, audit.Root));

        Broken(story, contents with { DirectoryCheckpoint = Bare(story, directory, "directory log") }, "checkpoints/directory", EvidenceFault.DirectoryCheckpoint);
        Broken(story, contents with { AuditCheckpoint = Bare(story, audit, "audit log") }, "checkpoints/audit", EvidenceFault.AuditCheckpoint);
        Broken(story, contents with { DirectoryCheckpoint = story.Checkpoint(directory.Origin, "foreign", directoryHead) }, "checkpoints/directory", EvidenceFault.DirectoryCheckpoint);
        Broken(story, contents with { AuditCheckpoint = story.Checkpoint(audit.Origin, "foreign", auditHead) }, "checkpoints/audit", EvidenceFault.AuditCheckpoint);
        Broken(story, contents with { DirectoryCheckpoint = story.Checkpoint(directory.Origin, "directory log", directoryHead with { Root = Story.Sealed("root") }) }, "checkpoints/directory", EvidenceFault.DirectoryCheckpoint);
        Broken(story, contents with { AuditCheckpoint = story.Checkpoint(audit.Origin, "audit log", auditHead with { Root = Story.Sealed("root") }) }, Event(story, _ => true, first: true), EvidenceFault.EventNotLogged);
    }

    private static bool IsAccepted(Statement statement) => statement is Acknowledgement { Act: HandoffAct.Accepted };

    private static SignedStatement Accepted(Story story) => Files.Of(story.Bundle()).StatementOf(IsAccepted);

    private static SignedCheckpoint Bare(Story story, Checkpoint checkpoint, string key) =>
        SignedCheckpoint.Sign(checkpoint, new(checkpoint.Origin, NoteKeyType.Log, story.Key(key)));

    /// <summary>The path of the last, or first, event of the bundle for which this holds.</summary>
    private static string Event(Story story, Func<AuditEvent, bool> holds, bool first = false)
    {
        var paths = story.Contents().Events
            .Where(each => AuditEvent.TryRead(each.Bytes.Span, out var read) && holds(read))
            .Select(each => $"events/{each.Index:D12}.json");
        return first ? paths.First() : paths.Last();
    }

    private static void Broken(Story story, string path, EvidenceFault fault) => Broken(story.Check(), path, fault);

    private static void Broken(Story story, EvidenceContents contents, string path, EvidenceFault fault) =>
        Broken(EvidenceCheck.Run(Story.Bytes(EvidenceBundle.Make(contents, story.Key("hub signing"), Story.Start)), story.Fingerprint), path, fault);

    private static void Broken(Story story, Files files, string path, EvidenceFault fault) =>
        Broken(EvidenceCheck.Run(files.SignAgain(story.Key("hub signing")).Zip(), story.Fingerprint), path, fault);

    private static void Broken(EvidenceReport report, string path, EvidenceFault fault)
    {
        Assert.Equal((path, fault), (report.Finding?.Path, report.Finding?.Fault));
        Assert.Null(report.Story);
    }
}
