using System.Diagnostics;
using RabbitMQ.Client;
using ReferralHub.Client;
using ReferralHub.Protocol.Statements;
using ReferralHub.SystemTests.Servers;

namespace ReferralHub.SystemTests.Engine;

[Trait("group", "engine")]
[Collection(nameof(SharedServers))]
public sealed class OutageTests(EnginePair engine) : IClassFixture<EnginePair>
{
    private const int Sent = 12;

    // ENGINE_OUTAGE makes it longer: 300 is what issue 5 asks to be shown.
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("ENGINE_OUTAGE") ?? "10", null));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_the_broker_is_down_every_submit_is_taken_and_all_is_told_once_it_is_back()
    {
        var (pair, rabbit) = (engine.Pair, engine.Rabbit);
        var end = await pair.FeedEnd(Ct);

        await rabbit.Kill(Ct); // returns when the port refuses
        var since = Stopwatch.StartNew();
        var sent = new List<SignedStatement>();
        while (sent.Count < Sent || since.Elapsed < Outage)
        {
            var referral = await pair.Prepare(Ct);
            await pair.Sender.Hub.PostAsync(referral, Ct); // throws unless the answer is 2xx
            sent.Add(referral);
        }

        Assert.Equal("ready, but messages wait", await engine.Ready(Ct));
        await rabbit.Start(Ct);

        await engine.IsTold(end, sent, Ct);
    }

    [Fact]
    public async Task What_messages_are_published_to_outlasts_the_broker()
    {
        await using var connection = await engine.Rabbit.Connect(engine.Settings.Rabbitmq.VirtualHost, Ct);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Ct);

        // RabbitMQ refuses this for an exchange that is there and has other properties.
        await channel.ExchangeDeclareAsync("statement-recorded", ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: Ct);
    }

    [Fact]
    public async Task While_the_broker_hangs_it_is_the_same()
    {
        var (pair, rabbit) = (engine.Pair, engine.Rabbit);
        var end = await pair.FeedEnd(Ct);
        var sent = new List<SignedStatement>();
        rabbit.Freeze();
        try
        {
            for (var i = 0; i < Sent; i++)
            {
                var referral = await pair.Prepare(Ct);
                await pair.Sender.Hub.PostAsync(referral, Ct);
                sent.Add(referral);
            }
        }
        finally
        {
            rabbit.Thaw();
        }

        await engine.IsTold(end, sent, Ct);
    }

    [Fact]
    public async Task While_the_database_is_down_nothing_is_taken_and_the_same_again_is_taken_once()
    {
        var (pair, postgres) = (engine.Pair, engine.Postgres);
        var end = await pair.FeedEnd(Ct);
        var referral = await pair.Prepare(Ct);
        var before = await Referrals();

        await postgres.Kill(Ct);
        for (var i = 0; i < 3; i++)
        {
            var refused = await Assert.ThrowsAsync<HubRefusedException>(() => pair.Sender.Hub.PostAsync(referral, Ct));
            Assert.Equal(("store-failed", 503), (refused.Problem.Name, refused.Problem.Status));
        }

        await postgres.Start(Ct);
        var receipt = await Insist(referral);
        Assert.Equal(receipt.Jws.Token, (await Insist(referral)).Jws.Token);

        await engine.IsTold(end, [referral], Ct);
        Assert.Equal(before + 1, await Referrals());
    }

    [Fact]
    public async Task When_the_database_is_read_only_nothing_is_taken()
    {
        var (pair, postgres, database) = (engine.Pair, engine.Postgres, engine.Settings.Postgres.Database);
        var end = await pair.FeedEnd(Ct);
        var referral = await pair.Prepare(Ct);
        await Make("on");
        try
        {
            var refused = await Assert.ThrowsAsync<HubRefusedException>(() => pair.Sender.Hub.PostAsync(referral, Ct));
            Assert.Equal(("store-failed", 503), (refused.Problem.Name, refused.Problem.Status));
        }
        finally
        {
            await Make("off");
        }

        await Insist(referral);
        await engine.IsTold(end, [referral], Ct);

        // It counts from the next connection on, so those that there are end.
        async Task Make(string readOnly)
        {
            await postgres.Ask($"ALTER DATABASE {database} SET default_transaction_read_only = {readOnly}", "postgres", Ct);
            await postgres.Ask($"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{database}'", "postgres", Ct);
        }
    }

    private async Task<long> Referrals() =>
        (long)(await engine.Postgres.Ask("SELECT count(*) FROM referrals", engine.Settings.Postgres.Database, Ct))!;

    // As a gateway does: the answer says that the same may be sent again.
    private async Task<SignedStatement> Insist(SignedStatement referral)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (true)
        {
            try
            {
                return await engine.Pair.Sender.Hub.PostAsync(referral, limit.Token);
            }
            catch (HubRefusedException e) when (e.Problem.Status == 503)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), limit.Token);
            }
        }
    }
}
