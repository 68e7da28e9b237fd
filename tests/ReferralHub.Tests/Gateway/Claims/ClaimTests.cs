using ReferralHub.Gateway;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Claims;
using ReferralHub.Gateway.Duty;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Protocol.Clocks;

namespace ReferralHub.Tests.Gateway.Claims;

/// <summary>Which of us has a referral: claimed, given back, handed over, and never nobody while we are responsible.</summary>
public sealed class ClaimTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_referral_is_claimed_handed_over_and_released_and_inbox_and_show_say_who_has_it()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        var shelter = pair.Shelter;
        var other = await shelter.HireAsync("Alex Synthetic");
        await shelter.SyncAsync();
        Assert.Null((await shelter.ShowAsync(id)).Owner);

        Assert.Equal((shelter.Worker, OwnerBy.Claim), await Say(shelter, id, shelter.Worker, shelter.Worker));
        Assert.Equal((other, OwnerBy.Claim), await Say(shelter, id, shelter.Worker, other));
        Assert.Equal(other, (await shelter.ShowAsync(id)).Owner);
        Assert.Equal(other, Assert.Single((await shelter.InboxAsync()).Referrals).Owner);
        Assert.Equal((null, null), await Say(shelter, id, other, null));
    }

    [Fact]
    public async Task At_shift_end_all_that_somebody_has_goes_to_whoever_comes()
    {
        await using var pair = await TestPair.StartAsync();
        var first = await pair.SendAsync();
        var second = (await pair.Police.SendAsync(pair.Request(await pair.ConsentAsync("SYNTHETIC child 2"), """{"identity":{"name":"SYNTHETIC Sami"}}"""))).Referral;
        var shelter = pair.Shelter;
        var other = await shelter.HireAsync("Alex Synthetic");
        await shelter.SyncAsync();
        await shelter.AcknowledgeAsync(first);
        await shelter.AcceptAsync(first);
        await Say(shelter, second, shelter.Worker, other);

        var ended = await shelter.With(db => EndShift.Handle(
            new(shelter.Worker, other), db, shelter.Use<Exclusions>(), pair.Clock, Ct));

        Assert.Equal([first], ended.HandedOver);
        Assert.Empty(ended.Kept);
        Assert.Equal(other, (await shelter.ShowAsync(first)).Owner);
        Assert.Equal(other, (await shelter.ShowAsync(second)).Owner);
    }

    [Fact]
    public async Task While_we_are_responsible_somebody_always_has_it_whatever_is_done()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        Handle[] people = [pair.Shelter.Worker, await pair.Shelter.HireAsync("Alex Synthetic"), await pair.Shelter.HireAsync("Jo Synthetic")];
        var random = new Draw("owners");
        await pair.Shelter.SyncAsync();
        for (var step = 0; step < 40; step++)
        {
            var by = people[random.Next(people.Length)];
            switch (random.Next(4))
            {
                case 0:
                    await Say(pair.Shelter, id, by, null);
                    break;
                case 1:
                    await Say(pair.Shelter, id, by, people[random.Next(people.Length)]);
                    break;
                case 2:
                    await pair.Shelter.With(db => EndShift.Handle(
                        new(by, people[random.Next(people.Length)]), db, pair.Shelter.Use<Exclusions>(), pair.Clock, Ct));
                    break;
                default:
                    await Next(pair.Shelter, id);
                    break;
            }

            foreach (var gateway in new[] { pair.Police, pair.Shelter })
            {
                var shown = await gateway.ShowAsync(id);
                Assert.False(shown.Responsible == gateway.Id && shown.Owner is null, $"step {step}: nobody has it at {gateway.Id}");
            }
        }
    }

    [Theory]
    [InlineData("wrk1", "dut1", "act1", "", "wrk1", nameof(OwnerBy.Claim))]
    [InlineData(null, "dut1", "act1", "", "dut1", nameof(OwnerBy.Duty))]
    [InlineData(null, null, "act1", "", "act1", nameof(OwnerBy.LastAct))]
    [InlineData("wrk1", "dut1", "act1", "wrk1", "dut1", nameof(OwnerBy.Duty))]
    [InlineData("wrk1", "dut1", "act1", "wrk1 dut1", "act1", nameof(OwnerBy.LastAct))]
    [InlineData("wrk1", "dut1", "act1", "wrk1 dut1 act1", "act0", nameof(OwnerBy.LastAct))]
    [InlineData(null, null, "act1", "act1 act0", "led1", nameof(OwnerBy.Desk))]
    [InlineData(null, null, null, "led1", null, null)]
    public void Who_claimed_it_has_it_else_who_is_on_duty_else_who_acted_last_else_the_desk_and_never_who_left(
        string? claimed, string? duty, string? actor, string gone, string? owner, string? why)
    {
        var found = Ownership.Of(Of(claimed).SingleOrDefault(), Of(duty), [.. Of(actor), .. Of(actor is null ? null : "act0")], Of("led1"), person => !gone.Split(' ').Contains(person.ToString()));
        Assert.Equal((owner, why), (found?.Person.ToString(), found?.Why.ToString()));

        static Handle[] Of(string? text) => text is null ? [] : [Handle.Parse(text)];
    }

    [Fact]
    public async Task What_nobody_has_claimed_is_with_whoever_is_on_duty()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        var shelter = pair.Shelter;
        await shelter.SyncAsync();
        await shelter.AcknowledgeAsync(id);
        var onDuty = await shelter.HireAsync("Alex Synthetic");
        Assert.Equal(shelter.Worker, (await shelter.ShowAsync(id)).Owner);

        var now = pair.Clock.GetUtcNow();
        await shelter.With(async db =>
        {
            db.Add(new DutyShift { Person = onDuty, From = now.AddHours(-1), Until = now.AddHours(1), IsCover = false });
            return await db.SaveChangesAsync(Ct);
        });
        Assert.Equal(onDuty, (await shelter.ShowAsync(id)).Owner);
        pair.Clock.Ahead += TimeSpan.FromHours(2);
        Assert.Equal(shelter.Worker, (await shelter.ShowAsync(id)).Owner);
    }

    [Fact]
    public async Task Nobody_who_is_not_one_of_us_has_it()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        var refused = await Assert.ThrowsAsync<RefusedException>(() => Say(pair.Shelter, id, pair.Shelter.Worker, Handle.Parse("stranger")));
        Assert.Equal(Refusal.UnknownPerson, refused.Refusal);
    }

    private static async Task Next(TestGateway shelter, Guid id)
    {
        switch ((await shelter.ShowAsync(id)).State)
        {
            case HandoffState.Delivered:
                await shelter.AcknowledgeAsync(id);
                break;
            case HandoffState.Acknowledged:
                await shelter.AcceptAsync(id);
                break;
        }
    }

    private static async Task<(Handle?, OwnerBy?)> Say(TestGateway gateway, Guid id, Handle by, Handle? to)
    {
        var owned = await gateway.With(db => ClaimReferral.Handle(id, new(by, to), db, gateway.Use<Exclusions>(), TimeProvider.System, Ct));
        return (owned.Owner, owned.Why);
    }
}
