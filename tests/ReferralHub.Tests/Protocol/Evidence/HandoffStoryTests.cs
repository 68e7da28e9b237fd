using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Evidence;

/// <summary>What a bundle shows of questions, withdrawals, urgency and expiry, and which lies about them it betrays.</summary>
public sealed class HandoffStoryTests
{
    private static readonly Handle Worker = Handle.Parse("wrk0002");

    [Fact]
    public void A_question_its_answer_and_notes_are_told_with_who_was_responsible()
    {
        using var story = new Story().Send();
        Acknowledge(story);
        story.Act(Asked(story));
        story.Act(story.Request(Story.Police, Part.Question, null));
        story.Act(Answered(story));
        story.Act(story.Request(Story.Shelter, Part.Answer, null));
        story.Act(Accepted(story));
        story.Act(story.Acknowledgement(HandoffAct.OnHold) with { By = Worker });
        story.Act(Noted(story, HandoffAct.InterimNote, "first note"));
        story.Act(story.Acknowledgement(HandoffAct.NoShow) with { By = Worker });
        story.Act(story.Acknowledgement(HandoffAct.InProgress) with { By = Worker });
        story.Act(Noted(story, HandoffAct.Failed, "note") with { Failure = FailReason.NoShow });

        var told = story.Check();

        Assert.Equal((null, HandoffState.Failed, Story.Police), (told.Finding, told.Story?.State, told.Story?.Responsible));
        Assert.Equal(
            [
                (HandoffState.InformationRequested, Story.Police), (HandoffState.InformationRequested, Story.Police), (HandoffState.Acknowledged, Story.Police),
                (HandoffState.Acknowledged, Story.Police), (HandoffState.Accepted, Story.Shelter), (HandoffState.OnHold, Story.Shelter),
                (HandoffState.OnHold, Story.Shelter), (HandoffState.OnHold, Story.Shelter), (HandoffState.InProgress, Story.Shelter), (HandoffState.Failed, Story.Police),
            ],
            told.Story!.Acts.TakeLast(10).Select(act => (act.State!.Value, act.Responsible!)));
        Assert.Equal(
            [Part.Summary, Part.Record, Part.Question, Part.Answer, Part.Note, Part.Note],
            told.Story.Disclosures.Select(part => part.Part));
    }

    [Fact]
    public void A_withdrawal_holds_once_the_recipient_has_confirmed_it()
    {
        using var open = new Story().Send();
        Acknowledge(open);
        open.Act(Withdrawn(open));
        Assert.Equal((HandoffState.Acknowledged, true), (open.Check().Story?.State, open.Check().Story?.Withdrawing));

        open.Act(open.Acknowledgement(HandoffAct.CancelConfirmed) with { By = Worker });
        Assert.Equal((HandoffState.Withdrawn, false), (open.Check().Story?.State, open.Check().Story?.Withdrawing));
    }

    [Fact]
    public void What_the_sender_wants_back_is_not_accepted()
    {
        using var story = new Story().Send();
        Acknowledge(story);
        story.Act(Withdrawn(story));
        story.Act(Accepted(story));

        Assert.Equal(EvidenceFault.State, story.Check().Finding?.Fault);
    }

    [Fact]
    public void Nobody_confirms_what_nobody_withdrew()
    {
        using var story = new Story().Send();
        Acknowledge(story);
        story.Act(story.Acknowledgement(HandoffAct.CancelConfirmed) with { By = Worker });

        Assert.Equal(EvidenceFault.State, story.Check().Finding?.Fault);
    }

    [Fact]
    public void The_hub_ends_what_nobody_decided_and_signs_for_it()
    {
        using var story = new Story { Say = Short }.Send();
        Acknowledge(story);
        story.Act(story.Expired());

        var told = story.Check();

        Assert.Equal((null, HandoffState.Expired, Story.Police), (told.Finding, told.Story?.State, told.Story?.Responsible));
        Assert.Null(told.Story!.Acts[^1].Agency);
        Assert.IsType<HubAct>(told.Story.Acts[^1].Statement);
    }

    [Fact]
    public void The_hub_ends_nothing_before_its_time_and_no_emergency()
    {
        using var early = new Story().Send();
        early.Act(early.Expired());
        Assert.Equal(EvidenceFault.State, early.Check().Finding?.Fault);

        using var emergency = new Story { Say = s => Short(s) is Referral referral ? referral with { Urgency = Urgency.Emergency } : s }.Send();
        emergency.Act(emergency.Expired());
        Assert.Equal(EvidenceFault.State, emergency.Check().Finding?.Fault);

        using var raised = new Story { Say = Short }.Send();
        raised.Act(Urgent(raised, Urgency.Emergency));
        raised.Act(raised.Expired());
        Assert.Equal(EvidenceFault.State, raised.Check().Finding?.Fault);
    }

    [Fact]
    public void Nobody_but_the_hub_lets_a_referral_expire_and_it_does_nothing_else()
    {
        using var forged = new Story { Say = Short, SignWith = s => s is HubAct ? Story.Shelter + " signing" : s.Issuer + " signing" }.Send();
        forged.Act(forged.Expired());
        Assert.Equal(EvidenceFault.StatementKey, forged.Check().Finding?.Fault);

        using var decided = new Story { Say = Short }.Send();
        Acknowledge(decided);
        decided.Act(decided.Acknowledgement(HandoffAct.Declined) with { By = Worker, Reason = DeclineReason.NoCapacity });
        decided.Act(decided.Expired());
        Assert.Equal(EvidenceFault.State, decided.Check().Finding?.Fault);
    }

    [Fact]
    public void Too_late_is_not_accepted_unless_it_is_an_emergency_by_then()
    {
        using var late = new Story { Say = Short }.Send();
        Acknowledge(late);
        late.Act(Accepted(late));
        Assert.Equal(EvidenceFault.State, late.Check().Finding?.Fault);

        using var raised = new Story { Say = Short }.Send();
        Acknowledge(raised);
        raised.Act(Urgent(raised, Urgency.Emergency));
        raised.Act(Accepted(raised));
        Assert.Null(raised.Check().Finding);
    }

    [Fact]
    public void What_sets_no_state_locks_nothing_and_comes_after_one_that_did()
    {
        using var story = new Story().Send();
        var earlier = story.Acknowledgement(HandoffAct.Delivered);
        Acknowledge(story);
        story.Act(Urgent(story, Urgency.Planned) with { After = earlier.After });
        story.Act(Accepted(story));
        Assert.Null(story.Check().Finding);

        story.Act(story.Acknowledgement(HandoffAct.NoShow) with { By = Worker, After = Story.Sealed("never") });
        Assert.Equal(EvidenceFault.After, story.Check().Finding?.Fault);
    }

    // Expires while it is being acknowledged: the story's clock goes on by five minutes an event.
    private static Statement Short(Statement statement) => statement is Referral referral ? referral with { Expires = referral.IssuedAt.AddMinutes(1) } : statement;

    private static void Acknowledge(Story story)
    {
        story.Act(story.Acknowledgement(HandoffAct.Delivered));
        story.Act(story.Acknowledgement(HandoffAct.Acknowledged) with { By = Worker });
    }

    private static Acknowledgement Accepted(Story story) =>
        story.Acknowledgement(HandoffAct.Accepted) with { By = Worker, ExpectedBy = Story.Start.AddDays(1) };

    private static Acknowledgement Asked(Story story) => story.Acknowledgement(HandoffAct.InformationRequested) with
    {
        By = Worker,
        Parts = [new(Part.Question, Story.Sealed("question"), 16_800)],
    };

    private static SenderAct Answered(Story story) => story.SenderAct(HandoffAct.InformationProvided) with
    {
        Parts = [new(Part.Answer, Story.Sealed("answer"), 16_800)],
    };

    private static Acknowledgement Noted(Story story, HandoffAct act, string note) =>
        story.Acknowledgement(act) with { By = Worker, Parts = [new(Part.Note, Story.Sealed(note), 16_800)] };

    private static SenderAct Withdrawn(Story story) => story.SenderAct(HandoffAct.Withdrawn) with { Reason = WithdrawalReason.NoLongerNeeded };

    private static SenderAct Urgent(Story story, Urgency urgency) =>
        story.SenderAct(HandoffAct.UrgencyChanged) with { Urgency = urgency, UrgencyReason = UrgencyReason.RiskIncreased };
}
