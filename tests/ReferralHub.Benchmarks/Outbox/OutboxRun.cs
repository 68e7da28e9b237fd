using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub;
using ReferralHub.Hub.Notifications;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.SystemTests.Servers;

namespace ReferralHub.Benchmarks.Outbox;

/// <summary>The hub's outbox on PostgreSQL, its relay, and RabbitMQ with a queue from which nobody reads; and the same bus without them.</summary>
internal sealed class OutboxRun : IAsyncDisposable
{
    public const int Writers = 8;

    private const int InOneCommit = 1000;
    private const int StreamCount = 1000;

    private static readonly AgencyId To = AgencyId.Parse("shelter");
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly ServiceProvider _services;
    private readonly IConnection _broker;
    private readonly IBusControl _bus;
    private readonly BrokerCarrier _carrier;
    private readonly Relay _relay;
    private readonly long _epoch;

    private OutboxRun(ServiceProvider services, IConnection broker, IBusControl bus, long epoch)
    {
        (_services, _broker, _bus, _epoch) = (services, broker, bus, epoch);
        _carrier = new(bus, new BrokerState());
        _relay = new(services.GetRequiredService<IServiceScopeFactory>(), _carrier, Messages.Of(Module.Messages), TimeProvider.System, NullLogger<Relay>.Instance);
    }

    /// <summary>How many streams the relay carries at once.</summary>
    public int Streams => _carrier.Streams;

    public static async Task<OutboxRun> Make(SharedServers servers, string folder)
    {
        var (settings, engine) = await servers.MakeEngine(CancellationToken.None);
        var data = DataFolder.Create(Path.Combine(folder, "hub"));
        File.Copy(engine, data.Engine);
        var services = new ServiceCollection().AddLogging().AddHub(data).BuildServiceProvider(true);
        var epoch = await Use(services, async db =>
        {
            await db.Database.MigrateAsync();
            return await Lease.Take(db, Lease.Relay, CancellationToken.None);
        });
        var broker = await (await servers.Meet()).Rabbit.Connect(settings.Rabbitmq.VirtualHost, CancellationToken.None);
        await Keep(broker);
        return new(services, broker, await Connect(settings.Rabbitmq), epoch);
    }

    /// <summary>Commits so many, a thousand at once.</summary>
    public async Task Fill(int count)
    {
        for (var filled = 0; filled < count; filled += InOneCommit)
        {
            await Use(_services, db => db.Write(_ =>
            {
                for (var i = filled; i < filled + InOneCommit; i++) Commit(db, i);
                return Task.FromResult(true);
            }, CancellationToken.None));
        }
    }

    /// <summary>Has the relay carry all that is there.</summary>
    public async Task Drain()
    {
        while (await _relay.RunOnce(_epoch, CancellationToken.None) > 0)
        {
        }
    }

    /// <summary>Commits so many, each by itself, while the relay carries them.</summary>
    public async Task CommitAndCarry(int count)
    {
        var wakes = _services.GetRequiredService<Wakes>();
        var writing = Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = Writers },
            async (i, ct) => await Use(_services, db => db.Write(_ =>
            {
                Commit(db, i);
                return Task.FromResult(true);
            }, ct)));
        for (var carried = 0; carried < count;)
        {
            var next = wakes.Relay.Next;
            var now = await _relay.RunOnce(_epoch, CancellationToken.None);
            carried += now;
            if (now == 0) await Task.WhenAny(next, Task.Delay(Poll));
            if (writing.IsFaulted) await writing;
        }
    }

    /// <summary>Publishes so many, <paramref name="atOnce"/> side by side, and waits until each is confirmed.</summary>
    public Task Publish(int count, int atOnce) => Parallel.ForEachAsync(
        Enumerable.Range(0, count),
        new ParallelOptions { MaxDegreeOfParallelism = atOnce },
        async (i, ct) => await _bus.Publish(Message(i), ct));

    public async ValueTask DisposeAsync()
    {
        await _bus.StopAsync();
        await _broker.DisposeAsync();
        await _services.DisposeAsync();
    }

    private static void Commit(HubDb db, int i) => db.Publish(Message(i), $"{i % StreamCount}");

    private static StatementRecorded Message(int i) => new(Digest.Of(BitConverter.GetBytes(i)), To);

    private static async Task<T> Use<T>(ServiceProvider services, Func<HubDb, Task<T>> use)
    {
        await using var scope = services.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<HubDb>());
    }

    // Nobody reads: what is measured ends with the confirmation. It keeps the newest, so that it does not grow from one repetition to the next.
    private static async Task Keep(IConnection broker)
    {
        var exchange = Messages.Name(typeof(StatementRecorded));
        await using var channel = await broker.CreateChannelAsync();
        await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
        await channel.QueueDeclareAsync(
            "kept", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-max-length"] = 1000 });
        await channel.QueueBindAsync("kept", exchange, "");
    }

    private static async Task<IBusControl> Connect(RabbitSettings settings)
    {
        var password = await File.ReadAllTextAsync(settings.PasswordFile!);
        var bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            rabbit.Host(settings.Host, settings.Port, settings.VirtualHost, "benchmark", host =>
            {
                host.Username(settings.User);
                host.Password(password);
            });
            Broker.Publish(rabbit, Messages.Of(Module.Messages));
            rabbit.ConfigureJsonSerializerOptions(options =>
            {
                foreach (var converter in StrictJson.Options.Converters) options.Converters.Add(converter);
                return options;
            });
        });
        await bus.StartAsync();
        return bus;
    }
}
