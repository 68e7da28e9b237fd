using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Evidence;

/// <summary>Things that must not take effect, in a bundle that is genuine otherwise (docs/protocol.md §3.4 to §3.6, §5).</summary>
public sealed class UnlawfulActTests
{
    [Fact]
    public void An_agreement_is_accepted_term_for_term()
    {
        using var story = new Story { Say = statement => statement is Agreement { Accepts: not null } agreement ? agreement with { EraseAfterDays = 91 } : statement }.Play();
        Broken(story, Statement(story, statement => statement is Agreement { Accepts: not null }), EvidenceFault.Agreement);
    }

    [Fact]
    public void An_agreement_that_nobody_accepted_is_none()
    {
        using var story = new Story { Happens = statement => statement is not Agreement { Accepts: not null } }.Play();
        Broken(story, Statement(story, statement => statement is Agreement), EvidenceFault.Agreement);
    }

    [Fact]
    public void An_acceptance_follows_its_proposal()
    {
        using var story = new Story { Say = statement => statement is Agreement { Accepts: not null } agreement ? agreement with { Accepts = Story.Sealed("no proposal") } : statement }.Play();
        Broken(story, Statement(story, statement => statement is Agreement { Accepts: not null }), EvidenceFault.Agreement);
    }

    [Fact]
    public void Without_any_agreement_nothing_may_go()
    {
        using var story = new Story { Happens = statement => statement is not Agreement }.Play();
        Broken(story, Event(story, recorded => recorded.Kind == StatementKind.Referral), EvidenceFault.DecisionRefuses);
    }

    private static readonly Dictionary<string, Func<Statement, Statement>> Consents = new()
    {
        ["denied"] = s => s is Consent consent ? consent with { Status = ConsentStatus.Denied } : s,
        ["run out"] = s => s is Consent consent ? consent with { ValidUntil = Story.Start.AddMinutes(1) } : s,
        ["longer than the policy allows"] = s => s is Consent consent ? consent with { ValidUntil = Story.Start.AddDays(400), EraseAt = Story.Start.AddDays(500) } : s,
        ["for another service"] = s => s is Consent consent ? consent with { Services = [ServiceFamily.Legal] } : s,
        ["for another purpose"] = s => s is Consent consent ? consent with { Purposes = [Purpose.Care] } : s,
        ["for fewer categories"] = s => s is Consent consent ? consent with { Categories = [ClearCategory.Summary] } : s,
        ["for another case"] = s => s is Consent consent ? consent with { Case = CaseCode.Parse("00000000000000000000000000") } : s,
        ["for another recipient"] = s => s is Consent consent ? consent with { To = AgencyId.Parse("east-hospital") } : s,
        ["not of the sender"] = s => s is Consent consent ? consent with { Issuer = Story.Shelter, To = Story.Police } : s,
        ["under an agreement that has ended"] = s => s is Agreement agreement ? agreement with { Until = Story.Start.AddMinutes(1) } : s,
        ["under an agreement on another route"] = s => s is Agreement agreement ? agreement with { Routes = [new(Story.Shelter, Story.Police)] } : s,
        ["under an agreement with fewer categories"] = s => s is Agreement agreement ? agreement with { Categories = [ClearCategory.Summary] } : s,
        ["under an unknown policy"] = s => s is Agreement agreement ? agreement with { Policy = PolicyId.Parse("south") } : s,
    };

    public static TheoryData<string> BadConsents => [.. Consents.Keys];

    [Theory]
    [MemberData(nameof(BadConsents))]
    public void A_referral_that_the_check_refuses_does_not_take_effect_whatever_the_hub_records(string what)
    {
        // The honest record of a refusal that was then ignored, and the lie that the check permitted it.
        using var honest = new Story { Say = Consents[what] }.Play();
        Broken(honest, Event(honest, recorded => recorded.Kind == StatementKind.Referral), EvidenceFault.DecisionRefuses);

        using var lying = new Story
        {
            Say = Consents[what],
            Record = recorded => recorded.Decision is null ? recorded : recorded with { Decision = new("north@1", true, []) },
        }.Play();
        Broken(lying, Event(lying, recorded => recorded.Kind == StatementKind.Referral), EvidenceFault.Decision);
    }

    [Fact]
    public void A_consent_that_runs_out_stops_the_next_release_to_the_recipient()
    {
        using var genuine = new Story().Play();
        var handedOver = genuine.Logged.Last(recorded => recorded is { Event: AuditEventCode.PartReleased, Part: Part.Record }).At;

        using var before = new Story { Say = statement => statement is Consent consent ? consent with { ValidUntil = handedOver } : statement }.Play();
        Broken(before, Event(before, recorded => recorded is { Event: AuditEventCode.PartReleased, Part: Part.Record }), EvidenceFault.DecisionRefuses);

        // The note goes the other way.
        using var after = new Story { Say = statement => statement is Consent consent ? consent with { ValidUntil = handedOver.AddSeconds(1) } : statement }.Play();
        Assert.Null(after.Check().Finding);
        Assert.Contains(after.Logged, recorded => recorded is { Event: AuditEventCode.PartReleased, Part: Part.Note, Decision: null } && recorded.At > handedOver);
    }

    [Fact]
    public void The_check_does_not_run_for_what_goes_back_to_the_sender()
    {
        using var story = new Story
        {
            Record = recorded => recorded is { Event: AuditEventCode.PartReleased, Part: Part.Note } ? recorded with { Decision = new("north@1", true, []) } : recorded,
        }.Play();
        Broken(story, Event(story, recorded => recorded is { Event: AuditEventCode.PartReleased, Part: Part.Note }), EvidenceFault.Decision);
    }

    public static TheoryData<string> Checked => ["referral", "delivered", "release"];

    [Theory]
    [MemberData(nameof(Checked))]
    public void The_check_ran_where_it_must_and_its_answer_is_the_recorded_one(string where)
    {
        bool There(AuditEvent recorded) => where switch
        {
            "referral" => recorded is { Kind: StatementKind.Referral },
            "delivered" => recorded is { Act: HandoffAct.Delivered },
            _ => recorded is { Event: AuditEventCode.PartReleased, Part: Part.Record },
        };
        ConsentDecision?[] lies = [null, new("north@2", true, []), new("none", true, []), new("north@1", false, []), new("north@1", true, [RefusalReason.NoConsent])];
        foreach (var lie in lies)
        {
            using var story = new Story { Record = recorded => There(recorded) ? recorded with { Decision = lie } : recorded }.Play();
            Broken(story, Event(story, There), EvidenceFault.Decision);
        }
    }

    [Fact]
    public void A_request_that_the_check_refused_is_no_fault_of_anybody()
    {
        using var story = new Story().Play();
        story.Log(new()
        {
            Event = AuditEventCode.Refused,
            At = Story.Start.AddDays(40),
            Directory = story.DirectoryHead,
            Agency = Story.Shelter,
            Referral = Story.Id(3),
            Statement = Story.Sealed("refused"),
            Kind = StatementKind.ReleaseRequest,
            Refusal = "urn:referralhub:refusal:consent-refused",
            Part = Part.Record,
            Sha256 = Story.Sealed("record"),
            Decision = new("north@1", false, [RefusalReason.ConsentExpired]),
        });
        Assert.Null(story.Check().Finding);
    }

    [Fact]
    public void An_agreement_that_came_after_the_referral_does_not_carry_it()
    {
        using var late = new Story { Record = WithPermit };
        late.Found();
        late.Act(late.Consent());
        late.Act(late.Referral());
        var proposal = late.Act(late.Proposal())!;
        late.Act((Agreement)proposal.Statement with { Issuer = Story.Police, To = Story.Shelter, Accepts = proposal.Id });
        Broken(late, Event(late, recorded => recorded.Kind == StatementKind.Referral), EvidenceFault.Decision);
    }

    [Fact]
    public void Nobody_opens_what_nobody_had_sealed_yet()
    {
        using var story = new Story
        {
            Say = statement => statement is Access { Act: AccessAct.Exported } access ? access with { Part = Part.Note, Sha256 = Story.Sealed("note") } : statement,
        }.Play();
        Broken(story, Event(story, recorded => recorded is { Kind: StatementKind.Access, Part: Part.Note } && recorded.Agency == Story.Shelter), EvidenceFault.Release);
    }

    [Fact]
    public void A_consent_that_came_after_the_referral_does_not_carry_it()
    {
        using var late = new Story { Record = WithPermit };
        late.Found();
        var proposal = late.Act(late.Proposal())!;
        late.Act((Agreement)proposal.Statement with { Issuer = Story.Police, To = Story.Shelter, Accepts = proposal.Id });
        late.Act(late.Referral());
        late.Act(late.Consent());
        Broken(late, Event(late, recorded => recorded.Kind == StatementKind.Referral), EvidenceFault.Decision);
    }

    private static readonly Dictionary<string, (Func<Statement, Statement> Say, HandoffAct At)> Steps = new()
    {
        ["the sender accepts for the recipient"] = (s => Of(s, HandoffAct.Accepted) is { } a ? a with { Issuer = Story.Police } : s, HandoffAct.Accepted),
        ["the recipient closes the loop"] = (s => s is SenderAct act ? act with { Issuer = Story.Shelter } : s, HandoffAct.LoopClosed),
        ["the sender acknowledges"] = (s => Of(s, HandoffAct.Acknowledged) is { } a ? a with { Issuer = Story.Police } : s, HandoffAct.Acknowledged),
    };

    public static TheoryData<string> WrongParties => [.. Steps.Keys];

    [Theory]
    [MemberData(nameof(WrongParties))]
    public void A_party_cannot_act_for_the_other(string what)
    {
        var (say, at) = Steps[what];
        using var story = new Story { Say = say }.Play();
        Broken(story, Event(story, recorded => recorded.Act == at), EvidenceFault.State);
    }

    [Theory]
    [InlineData(HandoffAct.Delivered, HandoffAct.Acknowledged)]
    [InlineData(HandoffAct.Acknowledged, HandoffAct.Accepted)]
    [InlineData(HandoffAct.Accepted, HandoffAct.Completed)]
    [InlineData(HandoffAct.Completed, HandoffAct.LoopClosed)]
    public void No_state_is_skipped(HandoffAct skipped, HandoffAct named)
    {
        using var story = new Story { Happens = statement => Of(statement, skipped) is null }.Play();
        Broken(story, Event(story, recorded => recorded.Act == named), EvidenceFault.State);
    }

    [Fact]
    public void No_act_takes_effect_twice()
    {
        using var story = new Story().Play();
        story.Act(story.LoopClosed());
        Broken(story, Event(story, recorded => recorded.Act == HandoffAct.LoopClosed), EvidenceFault.State);
    }

    [Fact]
    public void Nothing_takes_effect_before_the_referral_was_sent()
    {
        using var story = new Story().Found();
        story.Act(story.Request(Story.Shelter, Part.Summary, null));
        story.Act(story.Referral());
        Broken(story, Event(story, recorded => recorded.Event == AuditEventCode.PartReleased), EvidenceFault.DecisionRefuses);

        using var access = new Story { Record = WithPermit };
        access.Found();
        access.Act(access.Access(Story.Shelter, Part.Summary, AccessAct.Opened));
        var proposal = access.Act(access.Proposal())!;
        access.Act((Agreement)proposal.Statement with { Issuer = Story.Police, To = Story.Shelter, Accepts = proposal.Id });
        access.Act(access.Consent());
        access.Act(access.Referral());
        Broken(access, Event(access, recorded => recorded.Kind == StatementKind.Access), EvidenceFault.State);
    }

    [Fact]
    public void A_state_setting_statement_comes_after_the_one_that_set_the_state()
    {
        foreach (var (of, label) in ((HandoffAct, string)[])[(HandoffAct.Delivered, "x"), (HandoffAct.Accepted, "y")])
        {
            using var story = new Story { Say = statement => Of(statement, of) is { } act ? act with { After = Story.Sealed(label) } : statement }.Play();
            Broken(story, Event(story, recorded => recorded.Act == of), EvidenceFault.After);
        }

        using var closing = new Story { Say = statement => statement is SenderAct act ? act with { After = Story.Sealed("z") } : statement }.Play();
        Broken(closing, Event(closing, recorded => recorded.Act == HandoffAct.LoopClosed), EvidenceFault.After);
    }

    [Fact]
    public void A_state_setting_statement_does_not_come_after_an_earlier_one()
    {
        Digest? sent = null;
        using var story = new Story
        {
            Say = statement =>
            {
                if (Of(statement, HandoffAct.Delivered) is { } delivered) sent = delivered.After;
                return Of(statement, HandoffAct.Accepted) is { } act ? act with { After = sent!.Value } : statement;
            },
        }.Play();
        Broken(story, Event(story, recorded => recorded.Act == HandoffAct.Accepted), EvidenceFault.After);
    }

    [Fact]
    public void A_request_and_an_access_come_after_a_statement_that_set_a_state()
    {
        using var request = new Story { Say = statement => statement is ReleaseRequest { Part: Part.Note } act ? act with { After = Story.Sealed("x") } : statement }.Play();
        Broken(request, Event(request, recorded => recorded is { Event: AuditEventCode.PartReleased, Part: Part.Note }), EvidenceFault.After);

        using var access = new Story { Say = statement => statement is Access { Part: Part.Note } act ? act with { After = Story.Sealed("x") } : statement }.Play();
        Broken(access, Event(access, recorded => recorded is { Kind: StatementKind.Access, Part: Part.Note }), EvidenceFault.After);
    }

    private static readonly Dictionary<string, Func<Statement, Statement>> Releases = new()
    {
        ["the record before acceptance"] = s => s is ReleaseRequest { Part: Part.Summary } r ? r with { Part = Part.Record, Sha256 = Story.Sealed("record") } : s,
        ["the note to the side that wrote it"] = s => s is ReleaseRequest { Part: Part.Note } r ? r with { Issuer = Story.Shelter } : s,
        ["the summary to the side that wrote it"] = s => s is ReleaseRequest { Part: Part.Summary } r ? r with { Issuer = Story.Police } : s,
        ["what nobody sealed"] = s => s is ReleaseRequest { Part: Part.Summary } r ? r with { Sha256 = Story.Sealed("else") } : s,
        ["one part as another"] = s => s is ReleaseRequest { Part: Part.Record } r ? r with { Part = Part.Summary } : s,
        ["the note before it was sealed"] = s => s is ReleaseRequest { Part: Part.Record } r ? r with { Part = Part.Note, Sha256 = Story.Sealed("note") } : s,
    };

    public static TheoryData<string> WrongReleases => [.. Releases.Keys];

    [Theory]
    [MemberData(nameof(WrongReleases))]
    public void The_hub_does_not_hand_over(string what)
    {
        using var story = new Story { Say = Releases[what] }.Play();
        var report = story.Check();
        Assert.Equal(EvidenceFault.Release, report.Finding?.Fault);
        Assert.Contains("part-released", System.Text.Encoding.ASCII.GetString(Files.Of(story.Bundle())[report.Finding!.Path]), StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_opens_what_nobody_sealed()
    {
        using var story = new Story { Say = statement => statement is Access { Part: Part.Record } access ? access with { Sha256 = Story.Sealed("else") } : statement }.Play();
        Broken(story, story.Contents().Events.Select(each => (each.Index, Read: AuditEvent.TryRead(each.Bytes.Span, out var read) ? read : null))
            .Where(each => each.Read is { Kind: StatementKind.Access, Part: Part.Record })
            .Select(each => $"events/{each.Index:D12}.json")
            .First(), EvidenceFault.Release);
    }

    private static Acknowledgement? Of(Statement statement, HandoffAct act) => statement is Acknowledgement found && found.Act == act ? found : null;

    private static AuditEvent WithPermit(AuditEvent recorded) => recorded.Decision is null ? recorded : recorded with { Decision = new("north@1", true, []) };

    private static string Statement(Story story, Func<Statement, bool> holds) => Files.Of(story.Bundle()).PathOf(holds);

    private static string Event(Story story, Func<AuditEvent, bool> holds) => story.Contents().Events
        .Where(each => AuditEvent.TryRead(each.Bytes.Span, out var read) && holds(read))
        .Select(each => $"events/{each.Index:D12}.json")
        .Last();

    private static void Broken(Story story, string path, EvidenceFault fault)
    {
        var report = story.Check();
        Assert.Equal((path, fault), (report.Finding?.Path, report.Finding?.Fault));
        Assert.Null(report.Story);
    }
}
