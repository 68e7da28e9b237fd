using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Protocol.Handoffs;

namespace ReferralHub.Tests.Hub.Referrals;

public sealed class SetStateTests
{
    public static TheoryData<HandoffPosition> Positions => [.. HandoffTable.Positions];

    [Theory, MemberData(nameof(Positions))]
    public async Task Every_cell_of_the_table_holds_at_the_handlers(HandoffPosition from)
    {
        await using var field = await TestField.Start();
        var handoff = await At(field, from);
        foreach (var act in Enum.GetValues<HandoffAct>().Where(act => HandoffTable.Actors[act] is not Party.Hub))
        {
            await handoff.Upload(act);
            if (HandoffTable.Cells[(from, act)] is not { } to)
            {
                var problem = await field.Refused(Refusal.OutOfTurn, handoff.Act(act));
                Assert.Equal(Code.Text(from.State), problem.ProblemDetails.Extensions["state"]);
                continue;
            }

            await handoff.Do(act);
            var recorded = (await field.Events())[^1];
            Assert.Equal((act, to.State, handoff.Referral.ReferralId), (recorded.Act, recorded.State, recorded.Referral));
            if (to != from) handoff = await At(field, from);
        }
    }

    private static async Task<TestHandoff> At(TestField field, HandoffPosition position)
    {
        var handoff = await field.Handoff(position.State);
        if (position.Withdrawing) await handoff.Do(HandoffAct.Withdrawn);
        return handoff;
    }

    [Fact]
    public async Task What_sets_no_state_may_come_after_any_that_did_and_locks_nothing()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Accepted);
        await handoff.Upload(HandoffAct.InterimNote);
        var early = handoff.Act(HandoffAct.InterimNote);
        await handoff.Do(HandoffAct.InProgress);

        await field.Receipt(early);
        var absence = await field.Receipt(handoff.Act(HandoffAct.NoShow));
        await field.Refused(Refusal.Stale, handoff.Act(HandoffAct.Appointment) with { After = absence.StatementId });
        await field.Refused(Refusal.Stale, handoff.Act(HandoffAct.NoShow) with { After = Digest.Of("never"u8) });
        await handoff.Do(HandoffAct.OnHold);
    }

    [Fact]
    public async Task A_part_that_is_found_wrong_must_be_one_of_the_referral()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Accepted);
        var found = (Acknowledgement)handoff.Act(HandoffAct.ContentMismatch);

        await field.Refused(Refusal.PartDiffers, found with { Part = Part.Record });
        await field.Refused(Refusal.PartDiffers, found with { Sha256 = Digest.Of("never"u8) });
        await handoff.Do(HandoffAct.ContentMismatch);

        var recorded = (await field.Events())[^1];
        Assert.Equal((Part.Summary, handoff.Referral.Parts[0].Sha256), (recorded.Part, recorded.Sha256));
    }

    [Fact]
    public async Task A_question_and_its_answer_can_be_asked_and_given_again_each_under_its_own_seal()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Acknowledged);

        for (var round = 0; round < 2; round++)
        {
            await handoff.Do(HandoffAct.InformationRequested);
            Assert.IsType<FileContentHttpResult>(await field.Post(handoff.Request(Part.Question, field.Police)));
            await handoff.Do(HandoffAct.InformationProvided);
            Assert.IsType<FileContentHttpResult>(await field.Post(handoff.Request(Part.Answer, field.Shelter)));
        }
    }

    [Fact, Trait("store", "each")]
    public async Task Of_a_hundred_decisions_at_once_one_wins_and_the_others_learn_where_it_stands()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Acknowledged);
        var decisions = new List<SignedStatement>();
        for (var i = 0; i < 100; i++)
        {
            var act = i % 2 == 0 ? HandoffAct.Accepted : HandoffAct.Declined;
            decisions.Add(field.Shelter.Sign(await field.Heads(handoff.Act(act) with { IssuedAt = field.In(TimeSpan.FromSeconds(-i)) })));
        }

        var answers = await Task.WhenAll(decisions.Select(d => Task.Run(() => field.Post(d), TestContext.Current.CancellationToken)));

        var winner = Assert.Single(answers.Index(), answer => answer.Item is ContentHttpResult);
        var state = winner.Index % 2 == 0 ? "accepted" : "declined";
        Assert.All(answers.OfType<ProblemHttpResult>(), problem =>
        {
            Assert.Equal((409, Refusal.Stale.Urned()), (problem.StatusCode, problem.ProblemDetails.Type));
            Assert.Equal(state, problem.ProblemDetails.Extensions["state"]);
            Assert.Equal(decisions[winner.Index].Id.ToString(), problem.ProblemDetails.Extensions["after"]);
        });
        Assert.Equal(99, answers.OfType<ProblemHttpResult>().Count());
    }
}
