using ReferralHub.Demo;
using ReferralHub.Demo.Processes;
using ReferralHub.Hub;
using ReferralHub.SystemTests.Servers;

namespace ReferralHub.SystemTests.Faults;

/// <summary>Everything that a campaign makes fail: a hub, a sender's and a recipient's gateway, the wire between, and on the distributed engine both servers.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly Cast _cast;
    private readonly Wire _wire;
    private readonly SharedServers? _servers;

    private Stage(Cast cast, Wire wire, SharedServers? servers, Journal journal)
    {
        (_cast, _wire, _servers) = (cast, wire, servers);
        Journal = journal;
        var (hub, police, shelter) = (cast.Hub, cast.Police, cast.Shelter);
        Hub = new("hub", ProbeOf(hub.Data), () => hub.Server, hub.Kill, hub.Serve);
        Sender = new("sender", ProbeOf(police.Data), () => police.Server, police.Kill, police.Serve);
        Recipient = new("recipient", ProbeOf(shelter.Data), () => shelter.Server, shelter.Kill, shelter.Serve);
        (hub.Environment, police.Environment, shelter.Environment) = (Hub.Probe.Environment, Sender.Probe.Environment, Recipient.Probe.Environment);
    }

    public Cast Cast => _cast;

    public Journal Journal { get; }

    public Wire Wire => _wire;

    public Actor Hub { get; }

    public Actor Sender { get; }

    public Actor Recipient { get; }

    public IReadOnlyList<Actor> Actors => [Hub, Sender, Recipient];

    /// <summary>Null on the embedded engine.</summary>
    public PostgresServer? Postgres { get; private set; }

    /// <inheritdoc cref="Postgres"/>
    public RabbitServer? Rabbit { get; private set; }

    /// <summary>The distributed engine's settings.</summary>
    public EngineSettings? Settings { get; private set; }

    /// <summary>Assembles the pair of the stories, then starts its three processes once more with what looks inside, the hub behind the wire.</summary>
    public static async Task<Stage> Set(string folder, bool distributed, Journal journal, CancellationToken ct)
    {
        var servers = distributed ? new SharedServers() : null;
        try
        {
            var engine = servers is null ? default : await servers.MakeEngine(ct);
            var cast = await Cast.AssemblePair(folder, Narrator.Silent, ct, servers is null ? null : engine.File);
            await cast.Hub.Server.Stop();
            await cast.Hub.Forget();
            cast.Hub.Listen = Loopback.FreePort();
            var stage = new Stage(cast, new Wire(new Uri(cast.Hub.Url).Port, cast.Hub.Listen.Value), servers, journal) { Settings = engine.Settings };
            if (servers is not null) (stage.Postgres, stage.Rabbit) = await servers.Meet();
            await cast.Hub.Serve(ct);
            foreach (var gateway in new[] { stage.Sender, stage.Recipient })
            {
                await gateway.Kill();
                await gateway.Serve(ct);
            }

            return stage;
        }
        catch
        {
            if (servers is not null) await servers.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _cast.DisposeAsync();
        await _wire.DisposeAsync();
        if (_servers is not null) await _servers.DisposeAsync();
    }

    private static Probe ProbeOf(string data) => new(data + ".probe");
}
