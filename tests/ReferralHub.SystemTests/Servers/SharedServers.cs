using ReferralHub.Hub;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.SystemTests.Servers;

/// <summary>PostgreSQL and RabbitMQ for all tests; each hub has a database and a virtual host of its own.</summary>
public sealed class SharedServers : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task<(PostgresServer, RabbitServer)>> _servers;
    private PostgresServer? _postgres;
    private RabbitServer? _rabbit;
    private int _hubs;

    public SharedServers() => _servers = new(Start);

    /// <summary>Both, running.</summary>
    internal Task<(PostgresServer Postgres, RabbitServer Rabbit)> Meet() => _servers.Value;

    /// <summary>Makes place for one more hub; returns its settings and the engine.json with them.</summary>
    internal async Task<(EngineSettings Settings, string File)> MakeEngine(CancellationToken ct)
    {
        var (postgres, rabbit) = await Meet();
        var number = Interlocked.Increment(ref _hubs);
        await postgres.Make($"hub{number}", ct);
        var settings = new EngineSettings(
            new("127.0.0.1", (ushort)postgres.Port, $"hub{number}", PostgresServer.User) { PasswordFile = postgres.PasswordFile },
            new("127.0.0.1", (ushort)rabbit.Port, RabbitServer.VirtualHost(number), RabbitServer.User) { PasswordFile = rabbit.PasswordFile });
        var file = _folder.File($"engine-{number}.json");
        await File.WriteAllBytesAsync(file, StrictJson.Write(settings), ct);
        return (settings, file);
    }

    public async ValueTask DisposeAsync()
    {
        using (_folder)
        {
            if (_rabbit is not null) await _rabbit.DisposeAsync();
            if (_postgres is not null) await _postgres.DisposeAsync();
        }
    }

    private async Task<(PostgresServer, RabbitServer)> Start()
    {
        (_postgres, _rabbit) = (new(_folder.Path), new(_folder.Path));
        await Task.WhenAll(_postgres.Make(CancellationToken.None), _rabbit.Make(CancellationToken.None));
        return (_postgres, _rabbit);
    }
}
