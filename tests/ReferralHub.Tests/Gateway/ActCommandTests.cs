using ReferralHub.Gateway.Incoming;
using ReferralHub.Protocol.Handoffs;

namespace ReferralHub.Tests.Gateway;

/// <summary>What the table of states lets a party do, a person of it can do on the command line.</summary>
[Collection("commands")]
public sealed class ActCommandTests
{
    private static readonly Dictionary<HandoffAct, string?> CommandOf = new()
    {
        [HandoffAct.Delivered] = null,
        [HandoffAct.Undeliverable] = null,
        [HandoffAct.ContentMismatch] = null,
        [HandoffAct.Expired] = null,
        [HandoffAct.HandedBack] = null,
        [HandoffAct.Acknowledged] = "acknowledge",
        [HandoffAct.Accepted] = "accept",
        [HandoffAct.Declined] = "decline",
        [HandoffAct.InformationRequested] = "ask",
        [HandoffAct.InformationProvided] = "answer",
        [HandoffAct.InProgress] = "start",
        [HandoffAct.OnHold] = "hold",
        [HandoffAct.Completed] = "complete",
        [HandoffAct.Failed] = "fail",
        [HandoffAct.CancelConfirmed] = "confirm-withdrawal",
        [HandoffAct.InterimNote] = "note",
        [HandoffAct.Appointment] = "appointment",
        [HandoffAct.NoShow] = "no-show",
        [HandoffAct.Withdrawn] = "withdraw",
        [HandoffAct.EnteredInError] = "enter-in-error",
        [HandoffAct.LoopClosed] = "close",
        [HandoffAct.UrgencyChanged] = "urgency",
    };

    [Fact]
    public void Every_act_of_a_person_is_a_command_and_the_others_gateway_or_hub_do_by_themselves()
    {
        System.CommandLine.Command[] commands =
        [
            Accept.Command(), Decline.Command(), Complete.Command(), Fail.Command(), Close.Command(), Withdraw.Command(), ChangeUrgency.Command(),
            .. PlainActs.Commands(), .. Write.Commands(),
        ];
        Assert.Equal(Enum.GetValues<HandoffAct>().Order(), CommandOf.Keys.Order());
        Assert.Equal(commands.Select(c => c.Name).Order(StringComparer.Ordinal), CommandOf.Values.OfType<string>().Order(StringComparer.Ordinal));
    }
}
