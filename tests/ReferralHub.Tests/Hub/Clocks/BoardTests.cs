using ReferralHub.Hub.Clocks;
using ReferralHub.Hub.Commands;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Clocks;

[Trait("store", "each")]
public sealed class BoardTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_lane_has_what_waits_there_nearest_to_its_breach_first()
    {
        await using var field = await TestField.Start();
        var late = await field.Handoff();
        field.Clock.Now += TimeSpan.FromHours(1);
        var next = await field.Handoff();
        var delivered = await field.Handoff(HandoffState.Delivered);
        var undecided = await field.Handoff(HandoffState.Acknowledged);
        var asked = await field.Handoff(HandoffState.InformationRequested);
        var silent = await field.Handoff(HandoffState.Accepted);
        var unread = await field.Handoff(HandoffState.Completed);
        await field.Handoff(HandoffState.LoopClosed);
        field.Clock.Now += TimeSpan.FromHours(3);
        await field.Climb();

        var lanes = await Read(field);

        Assert.Equal(
            new Dictionary<Lane, Guid[]>
            {
                [Lane.Undelivered] = [late.Referral.ReferralId, next.Referral.ReferralId],
                [Lane.Unacknowledged] = [delivered.Referral.ReferralId],
                [Lane.Undecided] = [.. new[] { undecided.Referral.ReferralId, asked.Referral.ReferralId }.Order()], // due at once
                [Lane.Silent] = [silent.Referral.ReferralId],
                [Lane.Unread] = [unread.Referral.ReferralId],
            },
            lanes.ToDictionary(lane => lane.Lane, lane => lane.Rows.Select(row => row.Referral).ToArray()));
        var (first, second) = (lanes[0].Rows[0], lanes[0].Rows[1]);
        Assert.Equal((0, 1, ClockStep.Breach), (first.Left, lanes[0].Overdue, first.Step!.Value));
        Assert.Equal((3600, ClockStep.Reminder, field.Shelter.Id), (second.Left, second.Step!.Value, second.Owes));
        Assert.Equal(field.Police.Id, lanes[2].Rows.Single(row => row.Clock == ClockKind.Answer).Owes);
    }

    [Fact]
    public async Task It_filters_by_agency_urgency_and_service()
    {
        await using var field = await TestField.Start();
        await field.Handoff();
        foreach (var (filter, count) in new[]
        {
            (new BoardFilter(field.Police.Id), 1), (new BoardFilter(field.Shelter.Id), 1), (new BoardFilter(field.Ngo.Id), 0),
            (new BoardFilter(Urgency: Urgency.Urgent), 1), (new BoardFilter(Urgency: Urgency.Planned), 0),
            (new BoardFilter(Service: ServiceFamily.Shelter), 1), (new BoardFilter(Service: ServiceFamily.Legal), 0),
        })
        {
            Assert.Equal(count, (await Read(field, filter)).Sum(lane => lane.Count));
        }
    }

    [Fact]
    public async Task It_shows_no_case_code()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff();
        var text = BoardCommand.Text(await Read(field));
        Assert.Contains(WireId.Text(handoff.Referral.ReferralId), text, StringComparison.Ordinal);
        Assert.DoesNotContain(handoff.Referral.Case.ToString(), text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_shows_consent_that_runs_out_and_keys_that_are_stale()
    {
        await using var field = await TestField.Start();
        await field.Handoff(HandoffState.Acknowledged);
        var row = (await Read(field))[2].Rows.Single();
        Assert.Equal((null, false), (row.ConsentEnds, row.KeyIsStale));

        var ends = WireTime.Whole(field.Clock.Now).AddDays(30);
        field.Clock.Now = ends.AddDays(-Consent.NoticeDays);
        row = (await Read(field))[2].Rows.Single();
        Assert.Equal(ends, row.ConsentEnds);

        field.Clock.Now += TimeSpan.FromDays(Agency.EncryptionKeyDays);
        var lanes = await Read(field);
        Assert.True(lanes[2].Rows.Single().KeyIsStale);
        Assert.Contains("recipient's key is stale", BoardCommand.Text(lanes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_coordinators_look_is_an_event_of_its_own()
    {
        await using var field = await TestField.Start();
        await field.Use(async db =>
        {
            await Board.RecordRead(db, field.Hub.Agencies, Handle.Parse("crd0001"), Ct);
            return true;
        });
        var last = (await field.Events())[^1];
        Assert.Equal((AuditEventCode.BoardRead, "crd0001", 5), (last.Event, last.By?.ToString(), (int)last.CoarseType));
    }

    private static Task<IReadOnlyList<BoardLane>> Read(TestField field, BoardFilter? filter = null) => field.Use(db => Board.Read(db, field.Hub.Agencies, filter ?? new(), Ct));
}
