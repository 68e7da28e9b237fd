using ReferralHub.Gateway;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Duty;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>Who is on duty when, with cover.</summary>
public sealed class RotaTests
{
    private static readonly DateTimeOffset Monday = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_is_on_duty_is_told_first_and_then_who_stands_in()
    {
        await using var pair = await TestPair.StartAsync();
        var gateway = pair.Shelter;
        var (day, night, cover) = (gateway.Worker, await gateway.HireAsync("Ada Synthetic"), await gateway.HireAsync("Ben Synthetic"));
        await AddAsync(gateway, cover, 0, 24, cover: true);
        await AddAsync(gateway, day, 0, 12);
        await AddAsync(gateway, day, 2, 4);
        var shift = await AddAsync(gateway, night, 12, 24);

        Assert.Equal([new(day, false), new OnDuty(cover, true)], await OnDutyAsync(gateway, 3));
        Assert.Equal([new(night, false), new OnDuty(cover, true)], await OnDutyAsync(gateway, 12));
        Assert.Empty(await OnDutyAsync(gateway, 24));
        Assert.Empty(await OnDutyAsync(gateway, -1));

        await gateway.With(db => RemoveShift.Handle(shift, db, Ct));
        Assert.Equal([new OnDuty(cover, true)], await OnDutyAsync(gateway, 12));
        Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => gateway.With(db => RemoveShift.Handle(shift, db, Ct)))).Refusal);
    }

    [Fact]
    public async Task Only_our_own_people_are_on_the_rota_and_only_for_a_while()
    {
        await using var pair = await TestPair.StartAsync();
        async Task Refused(Refusal why, AddShift.Request request) =>
            Assert.Equal(why, (await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.With(db => AddShift.Handle(request, db, Ct)))).Refusal);

        await Refused(Refusal.UnknownPerson, new(Handle.Parse("nobody"), Monday, Monday.AddHours(1), Cover: false));
        await Refused(Refusal.Malformed, new(pair.Shelter.Worker, Monday, Monday, Cover: false));
        await Refused(Refusal.Malformed, new(pair.Shelter.Worker, Monday, Monday.AddDays(15), Cover: false));
    }

    [Fact]
    public async Task A_time_in_which_nobody_is_on_duty_is_advice()
    {
        await using var pair = await TestPair.StartAsync();
        var gateway = pair.Shelter;
        var now = WireTime.Whole(pair.Clock.GetUtcNow());
        await gateway.With(db => AddShift.Handle(new(gateway.Worker, now.AddHours(-1), now.AddDays(2), Cover: false), db, Ct));
        await gateway.With(db => AddShift.Handle(new(gateway.Worker, now.AddDays(3), now.AddDays(15), Cover: false), db, Ct));

        var listed = await gateway.With(db => ListShifts.Handle(db, pair.Clock, Ct));

        Assert.Equal([new ListShifts.Gap(now.AddDays(2), now.AddDays(3))], listed.Gaps);
        Assert.Equal(Exit.Advice, listed.ExitCode());
        Assert.Equal(gateway.Worker, Assert.Single(listed.Now).Person);
    }

    [Fact]
    public void Gaps_are_what_shifts_leave_and_cover_closes_none()
    {
        DutyShift Shift(int from, int until, bool cover = false) => new() { Person = Handle.Parse("wrk0001"), From = Monday.AddHours(from), Until = Monday.AddHours(until), IsCover = cover };

        Assert.Equal([(Monday, Monday.AddHours(10))], Gaps());
        Assert.Empty(Gaps(Shift(0, 10)));
        Assert.Empty(Gaps(Shift(0, 6), Shift(4, 10)));
        Assert.Empty(Gaps(Shift(-5, 6), Shift(2, 3), Shift(6, 20)));
        Assert.Equal([(Monday, Monday.AddHours(2)), (Monday.AddHours(3), Monday.AddHours(10))], Gaps(Shift(2, 3), Shift(0, 10, cover: true)));

        static IReadOnlyList<(DateTimeOffset, DateTimeOffset)> Gaps(params DutyShift[] shifts) => Rota.Gaps(shifts, Monday, Monday.AddHours(10));
    }

    private static async Task<long> AddAsync(TestGateway gateway, Handle person, int from, int until, bool cover = false) =>
        (await gateway.With(db => AddShift.Handle(new(person, Monday.AddHours(from), Monday.AddHours(until), cover), db, Ct))).Shift;

    private static Task<IReadOnlyList<OnDuty>> OnDutyAsync(TestGateway gateway, int hour) =>
        gateway.With(db => Rota.OnDutyAsync(db, Monday.AddHours(hour), Ct));
}
