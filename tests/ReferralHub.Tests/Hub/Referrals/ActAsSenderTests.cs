using ReferralHub.Hub;
using ReferralHub.Protocol.Handoffs;

namespace ReferralHub.Tests.Hub.Referrals;

public sealed class ActAsSenderTests
{
    [Fact]
    public async Task The_loop_is_closed_by_the_sender_and_only_when_completed()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Accepted);

        await field.Refused(Refusal.OutOfTurn, handoff.Act(HandoffAct.LoopClosed));
        await handoff.Do(HandoffAct.Completed);
        await field.Refused(Refusal.OutOfTurn, handoff.Act(HandoffAct.LoopClosed) with { Issuer = field.Shelter.Id });
        await field.Refused(Refusal.NotFound, handoff.Act(HandoffAct.LoopClosed) with { Issuer = field.Ngo.Id });
        await handoff.Do(HandoffAct.LoopClosed);
    }
}
