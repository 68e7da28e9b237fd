using ReferralHub.Client;
using ReferralHub.Hub;
using ReferralHub.Protocol.Statements;
using ReferralHub.SystemTests.Servers;

namespace ReferralHub.SystemTests.Engine;

/// <summary>A hub on PostgreSQL and RabbitMQ as a process, and two agencies without gateways: what failing servers are tried on.</summary>
public sealed class EnginePair(SharedServers servers) : IAsyncLifetime
{
    private DirectPair? _pair;
    private EngineSettings? _settings;

    internal DirectPair Pair => _pair!;

    internal EngineSettings Settings => _settings!;

    internal PostgresServer Postgres { get; private set; } = null!;

    internal RabbitServer Rabbit { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        (Postgres, Rabbit) = await servers.Meet();
        (_settings, var engine) = await servers.MakeEngine(CancellationToken.None);
        _pair = await DirectPair.Assemble(CancellationToken.None, engine);
    }

    public async ValueTask DisposeAsync()
    {
        if (_pair is not null) await _pair.DisposeAsync();
    }

    /// <summary>Waits until the recipient's feed has all that was sent, and sees that nothing is in it twice and no position is left out.</summary>
    internal async Task IsTold(long end, IReadOnlyList<SignedStatement> sent, CancellationToken ct)
    {
        var fed = new List<FeedItem>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromMinutes(2) + (sent.Count * TimeSpan.FromMilliseconds(100)));
        while (sent.Select(statement => statement.Id).Except(fed.Select(item => item.Statements[0].Id)).Any())
            fed.AddRange(await Pair.Recipient.Hub.GetFeedAsync(end + fed.Count, TimeSpan.FromSeconds(5), limit.Token));
        fed.AddRange(await Pair.Recipient.Hub.GetFeedAsync(end + fed.Count, TimeSpan.FromSeconds(2), ct));
        Assert.Equal(fed.Count, fed.Select(item => item.Statements[0].Id).Distinct().Count());
        Assert.Equal(Enumerable.Range(1, fed.Count).Select(n => end + n), fed.Select(item => item.Position));
        Assert.Equal(0L, await Postgres.Ask("SELECT count(*) FROM outbox_parked", Settings.Postgres.Database, ct));
    }

    /// <inheritdoc cref="HubHealth"/>
    internal Task<string> Ready(CancellationToken ct) => HubHealth.Ask(Pair.Hub, ct);
}
