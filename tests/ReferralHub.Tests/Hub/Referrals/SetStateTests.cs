using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub;
using ReferralHub.Hub.Referrals;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Tests.Hub.Referrals;

public sealed class SetStateTests
{
    private static readonly Digest Last = Digest.Of("last"u8);

    // docs/protocol.md §3.4, written out again: what the product must allow, and nothing else.
    private static readonly (HandoffState From, Party Party, HandoffAct Act, HandoffState To)[] Table =
    [
        (HandoffState.Sent, Party.Recipient, HandoffAct.Delivered, HandoffState.Delivered),
        (HandoffState.Delivered, Party.Recipient, HandoffAct.Acknowledged, HandoffState.Acknowledged),
        (HandoffState.Acknowledged, Party.Recipient, HandoffAct.Accepted, HandoffState.Accepted),
        (HandoffState.Acknowledged, Party.Recipient, HandoffAct.Declined, HandoffState.Declined),
        (HandoffState.Accepted, Party.Recipient, HandoffAct.Completed, HandoffState.Completed),
        (HandoffState.Completed, Party.Sender, HandoffAct.LoopClosed, HandoffState.LoopClosed),
    ];

    public static TheoryData<HandoffState, Party, HandoffAct> Everything => new(
        from state in Enum.GetValues<HandoffState>()
        from party in Enum.GetValues<Party>()
        from act in Enum.GetValues<HandoffAct>()
        select (state, party, act));

    [Theory, MemberData(nameof(Everything))]
    public void Only_the_acts_of_the_table_move_a_referral(HandoffState state, Party party, HandoffAct act)
    {
        Refusal? expected = Table.Any(row => (row.From, row.Party, row.Act) == (state, party, act)) ? null : Refusal.OutOfTurn;

        Assert.Equal(expected, SetState.Check(new Standing(state, Last), party, act, Last));
        Assert.Equal(Refusal.Stale, SetState.Check(new Standing(state, Last), party, act, Digest.Of("before"u8)));
    }

    [Fact]
    public async Task Every_row_of_the_table_holds_at_the_handlers()
    {
        await using var field = await TestField.Start();

        foreach (var (from, _, act, to) in Table)
        {
            var handoff = await field.Handoff(from);
            await handoff.Do(act);

            var recorded = (await field.Events())[^1];
            Assert.Equal((act, to, handoff.Referral.ReferralId), (recorded.Act, recorded.State, recorded.Referral));
        }
    }

    [Fact]
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
