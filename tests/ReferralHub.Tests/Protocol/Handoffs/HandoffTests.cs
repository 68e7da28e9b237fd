using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Handoffs;

/// <summary>The tables of docs/protocol.md §3.4 and §3.6, in full: what is not in them is refused.</summary>
public sealed class HandoffTests
{
    private static readonly Dictionary<(HandoffState, Party, HandoffAct), HandoffState> Moves = new()
    {
        [(HandoffState.Sent, Party.Recipient, HandoffAct.Delivered)] = HandoffState.Delivered,
        [(HandoffState.Delivered, Party.Recipient, HandoffAct.Acknowledged)] = HandoffState.Acknowledged,
        [(HandoffState.Acknowledged, Party.Recipient, HandoffAct.Accepted)] = HandoffState.Accepted,
        [(HandoffState.Acknowledged, Party.Recipient, HandoffAct.Declined)] = HandoffState.Declined,
        [(HandoffState.Accepted, Party.Recipient, HandoffAct.Completed)] = HandoffState.Completed,
        [(HandoffState.Completed, Party.Sender, HandoffAct.LoopClosed)] = HandoffState.LoopClosed,
    };

    [Fact]
    public void A_referral_moves_as_the_table_says_and_in_no_other_way()
    {
        var tried = 0;
        foreach (var from in Enum.GetValues<HandoffState>())
        {
            foreach (var party in Enum.GetValues<Party>())
            {
                foreach (var act in Enum.GetValues<HandoffAct>())
                {
                    tried++;
                    Assert.Equal(Moves.TryGetValue((from, party, act), out var to) ? to : null, Handoff.Next(from, party, act));
                }
            }
        }

        Assert.Equal(7 * 2 * 6, tried);
    }

    [Fact]
    public void Every_act_has_the_one_actor_of_the_table() =>
        Assert.All(Moves.Keys, move => Assert.Equal(move.Item2, Handoff.ActorOf(move.Item3)));

    [Theory]
    [InlineData(HandoffState.Sent, Party.Sender)]
    [InlineData(HandoffState.Delivered, Party.Sender)]
    [InlineData(HandoffState.Acknowledged, Party.Sender)]
    [InlineData(HandoffState.Accepted, Party.Recipient)]
    [InlineData(HandoffState.Declined, Party.Sender)]
    [InlineData(HandoffState.Completed, Party.Sender)]
    [InlineData(HandoffState.LoopClosed, null)]
    public void One_party_is_responsible_until_the_loop_is_closed(HandoffState state, Party? party) =>
        Assert.Equal(party, Handoff.Responsible(state));

    [Fact]
    public void Parts_are_handed_over_in_their_states_to_their_party_and_else_never()
    {
        foreach (var state in Enum.GetValues<HandoffState>())
        {
            Assert.True(Handoff.MayRelease(state, Party.Recipient, Part.Summary));
            Assert.Equal(state is HandoffState.Accepted or HandoffState.Completed, Handoff.MayRelease(state, Party.Recipient, Part.Record));
            Assert.Equal(state is HandoffState.Completed or HandoffState.LoopClosed, Handoff.MayRelease(state, Party.Sender, Part.Note));
            Assert.False(Handoff.MayRelease(state, Party.Sender, Part.Summary));
            Assert.False(Handoff.MayRelease(state, Party.Sender, Part.Record));
            Assert.False(Handoff.MayRelease(state, Party.Recipient, Part.Note));
        }
    }
}
