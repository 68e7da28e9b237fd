using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Handoffs;

/// <summary>The tables of docs/protocol.md §3.4 and §3.6, in full: what is not in them is refused.</summary>
public sealed class HandoffTests
{
    [Fact]
    public void A_referral_moves_as_the_table_says_and_in_no_other_way()
    {
        Assert.Equal((16 + 6) * 22, HandoffTable.Cells.Count);
        foreach (var ((from, act), to) in HandoffTable.Cells)
        {
            foreach (var party in Enum.GetValues<Party>())
                Assert.Equal(party == HandoffTable.Actors[act] ? to : null, Handoff.Next(from, party, act));
        }
    }

    [Fact]
    public void Every_state_is_reached_and_only_open_ones_keep_a_withdrawal_unconfirmed()
    {
        var reached = new HashSet<HandoffPosition> { Handoff.Start };
        var open = new Queue<HandoffPosition>(reached);
        while (open.TryDequeue(out var from))
        {
            foreach (var act in Enum.GetValues<HandoffAct>())
            {
                if (Handoff.Next(from, Handoff.ActorOf(act), act) is { } to && reached.Add(to)) open.Enqueue(to);
            }
        }

        Assert.Equal(HandoffTable.Positions.Count, reached.Count);
        Assert.Superset(reached, HandoffTable.Positions.ToHashSet());
    }

    [Fact]
    public void Every_act_has_the_one_actor_of_the_table() =>
        Assert.All(HandoffTable.Actors, row => Assert.Equal(row.Value, Handoff.ActorOf(row.Key)));

    [Fact]
    public void Notes_appointments_absences_mismatches_and_urgency_set_no_state() =>
        Assert.Equal(HandoffTable.Events, Enum.GetValues<HandoffAct>().Where(act => !Handoff.SetsState(act)));

    [Fact]
    public void Nothing_follows_a_terminal_state()
    {
        HandoffState[] terminal =
        [
            HandoffState.Undeliverable, HandoffState.Declined, HandoffState.LoopClosed, HandoffState.Withdrawn,
            HandoffState.EnteredInError, HandoffState.Expired, HandoffState.HandedBack,
        ];
        Assert.All(Enum.GetValues<HandoffState>(), state => Assert.Equal(terminal.Contains(state), Handoff.IsTerminal(state)));
        Assert.All(HandoffTable.Cells.Where(cell => terminal.Contains(cell.Key.From.State)), cell => Assert.Null(cell.Value));
    }

    [Theory]
    [InlineData(HandoffState.Sent, Party.Sender)]
    [InlineData(HandoffState.Delivered, Party.Sender)]
    [InlineData(HandoffState.Undeliverable, Party.Sender)]
    [InlineData(HandoffState.Acknowledged, Party.Sender)]
    [InlineData(HandoffState.InformationRequested, Party.Sender)]
    [InlineData(HandoffState.Accepted, Party.Recipient)]
    [InlineData(HandoffState.Declined, Party.Sender)]
    [InlineData(HandoffState.InProgress, Party.Recipient)]
    [InlineData(HandoffState.OnHold, Party.Recipient)]
    [InlineData(HandoffState.Completed, Party.Sender)]
    [InlineData(HandoffState.Failed, Party.Sender)]
    [InlineData(HandoffState.LoopClosed, null)]
    [InlineData(HandoffState.Withdrawn, Party.Sender)]
    [InlineData(HandoffState.EnteredInError, Party.Sender)]
    [InlineData(HandoffState.Expired, Party.Sender)]
    [InlineData(HandoffState.HandedBack, Party.Sender)]
    public void One_party_is_responsible_until_the_loop_is_closed(HandoffState state, Party? party)
    {
        var (sender, recipient) = (AgencyId.Parse("police"), AgencyId.Parse("shelter"));

        Assert.Equal(party, Handoff.Responsible(state));
        Assert.Equal(party is null ? null : party is Party.Sender ? sender : recipient, Handoff.Responsible(state, sender, recipient));
    }

    [Theory]
    [InlineData(Urgency.Emergency, false)]
    [InlineData(Urgency.Urgent, true)]
    [InlineData(Urgency.Standard, true)]
    [InlineData(Urgency.Planned, true)]
    public void It_is_too_late_from_the_second_of_expiry_on_and_never_for_an_emergency(Urgency urgency, bool late)
    {
        var expires = new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

        Assert.Equal(late, Handoff.IsTooLate(urgency, expires, expires));
        Assert.False(Handoff.IsTooLate(urgency, expires, expires.AddSeconds(-1)));
    }

    // Rows: part and to whom; columns as in HandoffTable; x: may be handed over.
    private const string Releases =
        """
                     Se De Ud Ak Ir Ac Dc Ip Oh Co Fa Lc Wd Ee Ex Hb
        Summary  R   x  x  .  x  x  x  .  x  x  x  x  .  .  .  .  .
        Record   R   .  .  .  .  .  x  .  x  x  x  x  .  .  .  .  .
        Answer   R   x  x  .  x  x  x  .  x  x  x  x  .  .  .  .  .
        Question S   x  x  x  x  x  x  x  x  x  x  x  x  x  x  x  x
        Note     S   x  x  x  x  x  x  x  x  x  x  x  x  x  x  x  x
        """;

    [Fact]
    public void Parts_are_handed_over_in_their_states_to_their_party_and_else_never()
    {
        var rows = Releases.Split('\n').Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.Equal(Enum.GetValues<Part>().Length, rows.Count);
        foreach (var row in rows)
        {
            var (part, to) = (Enum.Parse<Part>(row[0]), row[1] == "S" ? Party.Sender : Party.Recipient);
            foreach (var (column, state) in Enum.GetValues<HandoffState>().Index())
            {
                foreach (var party in Enum.GetValues<Party>())
                    Assert.Equal(party == to && row[column + 2] == "x", Handoff.MayRelease(state, party, part));
            }
        }
    }

    [Fact]
    public void A_record_may_go_on_delivery_where_that_was_said_and_not_before_nor_after_the_end()
    {
        foreach (var state in Enum.GetValues<HandoffState>())
        {
            Assert.Equal(state is not HandoffState.Sent && !Handoff.IsTerminal(state), Handoff.MayRelease(state, Party.Recipient, Part.Record, ReleaseRule.OnDelivery));
            Assert.False(Handoff.MayRelease(state, Party.Sender, Part.Record, ReleaseRule.OnDelivery));
        }
    }

    [Theory]
    [InlineData(HandoffState.Sent, "requested", null)]
    [InlineData(HandoffState.Delivered, "requested", "delivered")]
    [InlineData(HandoffState.Undeliverable, "failed", "undeliverable")]
    [InlineData(HandoffState.Acknowledged, "received", null)]
    [InlineData(HandoffState.InformationRequested, "received", "information-requested")]
    [InlineData(HandoffState.Accepted, "accepted", null)]
    [InlineData(HandoffState.Declined, "rejected", null)]
    [InlineData(HandoffState.InProgress, "in-progress", null)]
    [InlineData(HandoffState.OnHold, "on-hold", null)]
    [InlineData(HandoffState.Completed, "completed", null)]
    [InlineData(HandoffState.Failed, "failed", null)]
    [InlineData(HandoffState.LoopClosed, "completed", "loop-closed")]
    [InlineData(HandoffState.Withdrawn, "cancelled", null)]
    [InlineData(HandoffState.EnteredInError, "entered-in-error", null)]
    [InlineData(HandoffState.Expired, "failed", "expired")]
    [InlineData(HandoffState.HandedBack, "failed", "handed-back")]
    public void Each_state_has_its_word_in_FHIR(HandoffState state, string status, string? business) =>
        Assert.Equal(new FhirStatus(status, business), FhirStatus.Of(state));
}
