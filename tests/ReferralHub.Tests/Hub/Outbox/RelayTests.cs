using System.Collections.Concurrent;
using System.Text;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ReferralHub.Hub;
using ReferralHub.Hub.Outbox;

namespace ReferralHub.Tests.Hub.Outbox;

[Trait("store", "each")]
public sealed class RelayTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_arrives_in_order_and_the_outbox_is_empty_afterwards()
    {
        await using var hub = await TestHub.Start(Types);
        await Publish(hub, Enumerable.Range(0, 40).Select(i => (new Said($"{i % 4}", i), $"{i % 4}")));

        await Relay(hub);

        Assert.All(Heard.By(hub).GroupBy(said => said.Stream), stream => Assert.Equal(stream.Select(said => said.Number).Order(), stream.Select(said => said.Number)));
        Assert.Equal(40, Heard.By(hub).Count);
        Assert.Equal(0, await Waiting(hub));
    }

    [Fact]
    public async Task A_failure_holds_back_its_own_stream_only_and_nothing_overtakes_it()
    {
        await using var hub = await TestHub.Start(Types);
        Heard.FailOn(hub, ("a", 1));
        await Publish(hub, [(new("a", 0), "a"), (new("a", 1), "a"), (new("a", 2), "a"), (new("b", 0), "b")]);

        await Relay(hub);
        await Publish(hub, [(new("a", 3), "a")]);
        await Relay(hub); // not due yet, and neither is what is behind it
        Assert.Equal([("a", 0), ("b", 0)], Heard.By(hub).Select(s => (s.Stream, s.Number)).Order());
        Assert.Equal(3, await Waiting(hub));

        Heard.FailOn(hub);
        hub.Clock.Now += TimeSpan.FromMinutes(1);
        await Relay(hub);
        Assert.Equal([0, 1, 2, 3], Heard.By(hub).Where(s => s.Stream == "a").Select(s => s.Number));
        Assert.Equal(0, await Waiting(hub));
    }

    [Fact]
    public async Task Each_attempt_waits_longer_and_none_more_than_a_minute()
    {
        await using var hub = await TestHub.Start(Types);
        Heard.FailOn(hub, ("a", 0));
        await Publish(hub, [(new("a", 0), "a")]);

        for (var attempt = 1; attempt <= 12; attempt++)
        {
            await Relay(hub);
            var row = await hub.Use(db => db.Set<OutboxMessage>().AsNoTracking().SingleAsync(Ct));
            Assert.Equal(attempt, row.Attempts);
            var longest = Math.Min(100 * Math.Pow(2, attempt - 1), 60_000);
            Assert.InRange((row.NotBefore - hub.Clock.Now).TotalMilliseconds, longest / 2 - 1, longest);
            hub.Clock.Now = row.NotBefore;
        }
    }

    [Theory]
    [InlineData(-60, true)]
    [InlineData(60, true)]
    [InlineData(-0.5, false)] // a pause is no longer than a minute: this may be one
    public async Task A_clock_that_is_set_back_or_ahead_holds_up_no_message(double minutes, bool goes)
    {
        await using var hub = await TestHub.Start(Types);
        Heard.FailOn(hub, ("a", 0));
        await Publish(hub, [(new("a", 0), "a"), (new("a", 1), "a")]);
        await Relay(hub); // now it backs off
        Heard.FailOn(hub);
        hub.Clock.Now += TimeSpan.FromMinutes(minutes);
        await Publish(hub, [(new("b", 0), "b")]);

        await Relay(hub);

        (string, int)[] expected = goes ? [("a", 0), ("a", 1), ("b", 0)] : [("b", 0)];
        Assert.Equal(expected, Heard.By(hub).Select(s => (s.Stream, s.Number)).Order());
    }

    [Fact]
    public async Task A_crash_after_the_effect_and_before_the_delete_delivers_again_and_has_no_second_effect()
    {
        await using var hub = await TestHub.Start(Types);
        await Publish(hub, [(new("a", 0), "a")]);
        var old = await Lead(hub);
        await Lead(hub);

        // The old relay is fenced: its consumers commit, its delete does not.
        await Assert.ThrowsAsync<LeaseLostException>(() => RelayOnce(hub, old));
        Assert.Equal(1, await Waiting(hub));
        await Relay(hub);

        Assert.Equal(0, await Waiting(hub));
        Assert.Single(Heard.By(hub));
        Assert.Equal(1, await hub.Use(db => db.Set<InboxEntry>().CountAsync(Ct)));
    }

    [Fact]
    public async Task What_is_on_its_way_when_the_hub_is_told_to_stop_gets_there_and_leaves_the_outbox_and_the_next_waits()
    {
        await using var hub = await TestHub.Start(Types);
        await Publish(hub, [(new("a", 0), "a"), (new("a", 1), "a")]);
        using var stop = new CancellationTokenSource();
        Heard.Then(hub, stop.Cancel);

        Assert.Equal(1, await RelayOnce(hub, await Lead(hub), stop.Token));

        Assert.Equal((1, 1), (await hub.Use(db => db.Set<InboxEntry>().CountAsync(Ct)), await Waiting(hub)));
        await Relay(hub);
        Assert.Equal([0, 1], Heard.By(hub).Select(said => said.Number));
        Assert.Equal(0, await Waiting(hub));
    }

    [Fact]
    public async Task Another_message_under_a_known_id_is_parked_and_its_stream_stands_still()
    {
        await using var hub = await TestHub.Start(Types);
        await Publish(hub, [(new("a", 0), "a")]);
        await Relay(hub);
        await Publish(hub, [(new("a", 1), "a"), (new("a", 2), "a"), (new("b", 0), "b")]);
        await hub.Use(db => db.Database.ExecuteSqlAsync($"UPDATE outbox SET message_id = (SELECT message_id FROM inbox) WHERE seq = (SELECT min(seq) FROM outbox)", Ct));

        await Relay(hub);
        hub.Clock.Now += TimeSpan.FromDays(1);
        await Relay(hub);

        Assert.Equal(nameof(InboxConflictException), (await hub.Use(db => db.Set<ParkedMessage>().SingleAsync(Ct))).Error);
        Assert.Equal([("a", 0), ("b", 0)], Heard.By(hub).Select(s => (s.Stream, s.Number)).Order());
        Assert.Equal(1, await Waiting(hub));
    }

    [Theory]
    [InlineData("unknown", "{}")]
    [InlineData("said", "{")]
    public async Task What_can_never_be_read_is_parked(string type, string body)
    {
        await using var hub = await TestHub.Start(Types);
        await Publish(hub, [(new("a", 0), "a")]);
        await hub.Use(db => db.Database.ExecuteSqlAsync($"UPDATE outbox SET type = {type}, body = {Encoding.UTF8.GetBytes(body)}", Ct));

        await Relay(hub);

        Assert.Equal((1, 0), await hub.Use(async db => (await db.Set<ParkedMessage>().CountAsync(Ct), await db.Set<OutboxMessage>().CountAsync(Ct))));
    }

    [Fact]
    public void A_message_without_a_consumer_stops_the_start() =>
        Assert.Throws<InvalidOperationException>(() => Messages.Of(messages => messages.Message<Said>()));

    [Fact]
    public void A_consumer_without_a_message_stops_the_start() =>
        Assert.Throws<InvalidOperationException>(() => Messages.Of(messages => messages.Consumer<Hear>()));

    private static void Types(Messages.Builder messages) => messages.Message<Said>().Consumer<Hear>();

    private static Task Publish(TestHub hub, IEnumerable<(Said Message, string Stream)> all) => hub.Use(db => db.Write(_ =>
    {
        foreach (var (message, stream) in all) db.Publish(message, stream);
        return Task.CompletedTask;
    }, Ct));

    private static Task<long> Lead(TestHub hub) => hub.Use(db => Lease.Take(db, Lease.Relay, Ct));

    private static async Task Relay(TestHub hub) => await RelayOnce(hub, await Lead(hub));

    private static Task<int> RelayOnce(TestHub hub, long epoch, CancellationToken? ct = null) =>
        ActivatorUtilities.CreateInstance<Relay>(hub.Services).RunOnce(epoch, ct ?? Ct);

    private static Task<int> Waiting(TestHub hub) => hub.Use(db => db.Set<OutboxMessage>().CountAsync(Ct));
}

internal sealed record Said(string Stream, int Number);

/// <summary>What the consumer heard, by hub: it is made anew for each message.</summary>
internal static class Heard
{
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<Said>> All = new();
    private static readonly ConcurrentDictionary<string, (string, int)[]> Failing = new();
    private static readonly ConcurrentDictionary<string, Action> Doing = new();

    public static IReadOnlyCollection<Said> By(TestHub hub) => Of(hub.Data);

    public static ConcurrentQueue<Said> Of(DataFolder data) => All.GetOrAdd(data.Root, _ => new());

    public static void FailOn(TestHub hub, params (string Stream, int Number)[] messages) => Failing[hub.Data.Root] = messages;

    /// <summary>Does something while a message is taken, before its write commits.</summary>
    public static void Then(TestHub hub, Action what) => Doing[hub.Data.Root] = what;

    public static void Do(DataFolder data) => Doing.GetValueOrDefault(data.Root)?.Invoke();

    public static bool Fails(DataFolder data, Said said) => Failing.TryGetValue(data.Root, out var messages) && messages.Contains((said.Stream, said.Number));
}

/// <summary>Safe to deliver twice: the inbox knows the message.</summary>
internal sealed class Hear(HubDb db, DataFolder data) : IConsumer<Said>
{
    public Task Consume(ConsumeContext<Said> context) => db.Once<Hear>(context, context.Message, _ =>
    {
        if (Heard.Fails(data, context.Message)) throw new IOException("not now");
        Heard.Of(data).Enqueue(context.Message);
        Heard.Do(data);
        return Task.CompletedTask;
    });
}
