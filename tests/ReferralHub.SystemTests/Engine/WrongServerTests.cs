using ReferralHub.Demo.Processes;
using ReferralHub.Hub;
using ReferralHub.Hub.Outbox;
using ReferralHub.Protocol.Wire;
using ReferralHub.SystemTests.Servers;

namespace ReferralHub.SystemTests.Engine;

/// <summary>What an operator reads who has set something wrong: from real servers, and before anything was accepted.</summary>
[Trait("group", "engine")]
[Collection(nameof(SharedServers))]
public sealed class WrongServerTests(EnginePair engine) : IClassFixture<EnginePair>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private PostgresSettings Postgres => engine.Settings.Postgres;

    private RabbitSettings Rabbit => engine.Settings.Rabbitmq;

    [Fact]
    public async Task Where_nothing_answers() => await Refused(
        engine.Settings with { Postgres = Postgres with { Port = 1 } }, "postgres.host = '127.0.0.1:1': Nothing answers there");

    [Fact]
    public async Task Another_server_than_PostgreSQL() => await Refused(
        engine.Settings with { Postgres = Postgres with { Port = Rabbit.Port } }, $"postgres.host = '127.0.0.1:{Rabbit.Port}': What answers there does not speak as PostgreSQL does");

    [Fact]
    public async Task Another_server_than_RabbitMQ() => await Refused(
        engine.Settings with { Rabbitmq = Rabbit with { Port = Postgres.Port } }, $"rabbitmq.host = '127.0.0.1:{Postgres.Port}': What answers there does not speak as RabbitMQ does");

    [Fact]
    public async Task A_role_that_PostgreSQL_does_not_let_in() => await Refused(
        engine.Settings with { Postgres = Postgres with { User = "stranger" } }, "postgres.user = 'stranger': PostgreSQL does not let it in");

    [Fact]
    public async Task A_user_that_RabbitMQ_does_not_let_in() => await Refused(
        engine.Settings with { Rabbitmq = Rabbit with { User = "stranger" } }, "rabbitmq.user = 'stranger': RabbitMQ does not let it in");

    [Fact]
    public async Task A_database_that_is_not_there() => await Refused(
        engine.Settings with { Postgres = Postgres with { Database = "nowhere" } }, "postgres.database = 'nowhere': There is no such database");

    [Fact]
    public async Task A_virtual_host_that_is_not_there() => await Refused(
        engine.Settings with { Rabbitmq = Rabbit with { VirtualHost = "nowhere" } }, "rabbitmq.virtualHost = 'nowhere': There is none of that name");

    [Fact]
    public async Task A_queue_of_another_type()
    {
        var other = RabbitServer.VirtualHost(11);
        await using var connection = await engine.Rabbit.Connect(other, Ct);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Ct);
        await channel.QueueDeclareAsync("tell-agency", durable: true, exclusive: false, autoDelete: false, cancellationToken: Ct);

        await Refused(engine.Settings with { Rabbitmq = Rabbit with { VirtualHost = other } }, $"rabbitmq.virtualHost = '{other}': A queue of the hub's is there with other properties");
    }

    [Fact]
    public async Task Messages_that_the_hub_did_not_send_become_dead_letters_and_somebody_is_told()
    {
        await using var connection = await engine.Rabbit.Connect(Rabbit.VirtualHost, Ct);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Ct);
        var end = await engine.Pair.FeedEnd(Ct);
        Assert.Equal("ready", await engine.Ready(Ct));

        foreach (var body in new[] { "{"u8.ToArray(), """{"statement":"x"}"""u8.ToArray(), [] })
            await channel.BasicPublishAsync("", "tell-agency", mandatory: true, new RabbitMQ.Client.BasicProperties(), body, Ct);

        await Until(async () => await channel.MessageCountAsync(Broker.DeadLetters("tell-agency"), Ct) == 3);
        await Until(async () => await engine.Ready(Ct) == "ready, but messages wait");
        var referral = await engine.Pair.Prepare(Ct);
        await engine.Pair.Sender.Hub.PostAsync(referral, Ct);
        await engine.IsTold(end, [referral], Ct); // what is good goes on

        await channel.QueuePurgeAsync(Broker.DeadLetters("tell-agency"), Ct);
        await Until(async () => await engine.Ready(Ct) == "ready");
    }

    [Fact]
    public async Task A_message_that_no_queue_takes_stays_in_the_outbox()
    {
        const string Exchange = "statement-recorded";
        await using var connection = await engine.Rabbit.Connect(Rabbit.VirtualHost, Ct);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Ct);
        var end = await engine.Pair.FeedEnd(Ct);
        await channel.ExchangeUnbindAsync("tell-agency", Exchange, "", cancellationToken: Ct);

        var referral = await engine.Pair.Prepare(Ct);
        await engine.Pair.Sender.Hub.PostAsync(referral, Ct);
        await Until(async () => (int?)await engine.Postgres.Ask("SELECT max(attempts) FROM outbox", Postgres.Database, Ct) > 1);
        Assert.DoesNotContain(await engine.Pair.Recipient.Hub.GetFeedAsync(end, TimeSpan.Zero, Ct), item => item.Statements[0].Id == referral.Id);

        await channel.ExchangeBindAsync("tell-agency", Exchange, "", cancellationToken: Ct);
        await engine.IsTold(end, [referral], Ct);
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (!await holds()) await Task.Delay(TimeSpan.FromMilliseconds(200), limit.Token);
    }

    // A second data folder of the same hub, with other servers: nothing of the first is touched, since it does not get that far.
    private async Task Refused(EngineSettings settings, string told)
    {
        using var folder = new TemporaryFolder();
        var data = folder.File("hub");
        (await Executable.Tool("cp").Run(["-a", engine.Pair.Hub.Data, data], Ct)).Succeeded();
        await File.WriteAllBytesAsync(Path.Combine(data, "engine.json"), StrictJson.Write(settings), Ct);

        var ended = await Executable.Hub.Run(["serve", "--data", data], Ct);

        Assert.StartsWith(told, ended.Error, StringComparison.Ordinal);
        Assert.Equal(2, ended.ExitCode);
    }
}
