using ReferralHub.Demo.Processes;
using ReferralHub.Demo.Stories;

namespace ReferralHub.Demo.Local;

/// <summary>
/// <c>deploy/local</c>: what docker-compose.yml starts in containers, started on this machine from Debian's packages and from what was
/// built here, on the loopback address, in a folder that is gone afterwards.
/// </summary>
internal sealed class LocalServices : IAsyncDisposable
{
    private const int Advice = 2;

    private static readonly (string Path, string Package)[] Needed =
    [
        ("/usr/lib/postgresql", "postgresql"), ("/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server"), ("/usr/bin/openssl", "openssl"),
    ];

    private readonly string _folder;
    private readonly ComposeFile _compose;
    private readonly DebianPostgres _postgres;
    private readonly DebianRabbit _rabbit;
    private Cast? _cast;

    private LocalServices(string root, string folder)
    {
        _folder = folder;
        _compose = ComposeFile.Read(Path.Combine(root, ComposeFile.Name));
        var (settings, secrets) = (Path.Combine(root, "deploy", "compose"), Path.Combine(folder, "secrets"));
        _postgres = new(folder, _compose.Services["postgres"], settings, secrets);
        _rabbit = new(folder, _compose.Services["rabbitmq"], settings, secrets);
    }

    private Cast Cast => _cast ?? throw new InvalidOperationException("Nothing is started.");

    /// <summary>Starts everything, and hands one referral over; stays up afterwards, until cancelled, unless <paramref name="once"/>.</summary>
    /// <param name="once">Whether to end then.</param>
    /// <param name="port">The hub's; null: any that is free.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task<int> Run(bool once, int? port, CancellationToken ct)
    {
        if (Needed.Where(need => !Path.Exists(need.Path)).Select(need => need.Package).ToList() is { Count: > 0 } missing)
        {
            Console.Error.WriteLine($"local: these packages are missing: apt-get install --no-install-recommends {string.Join(' ', missing)}");
            return Advice;
        }

        return await Scratch.Run("local", "every service was well, and the handoff ended as it should", once, (folder, narrator) => Play(folder, narrator, once, port, ct), ct);
    }

    public async ValueTask DisposeAsync()
    {
        // The hub first, which finishes what it has begun on its servers.
        await using (_postgres)
        await using (_rabbit)
        {
            if (_cast is not null) await _cast.DisposeAsync();
        }
    }

    private static async Task Play(string folder, Narrator narrator, bool once, int? port, CancellationToken ct)
    {
        await using var services = new LocalServices(Root(), folder);
        await services.Start(Root(), port, narrator, ct);
        await services.HandOver(narrator, ct);
        if (!once) await services.StayUp(ct);
    }

    private async Task Start(string root, int? port, Narrator narrator, CancellationToken ct)
    {
        var secrets = Path.Combine(_folder, "secrets");
        (await Executable.Tool(Path.Combine(root, "deploy", "make-secrets")).Run([secrets], ct)).Succeeded();
        await Task.WhenAll(_postgres.Make(ct), _rabbit.Make(ct));
        narrator.Say($"postgres: well, process {_postgres.Id}, TLS on 127.0.0.1:{_postgres.Port}");
        narrator.Say($"rabbitmq: well, process {_rabbit.Id}, TLS on 127.0.0.1:{_rabbit.Port}");

        var engine = Path.Combine(_folder, "engine.json");
        await File.WriteAllTextAsync(engine, Engine(secrets).Here(await File.ReadAllTextAsync(Path.Combine(root, "deploy", "compose", "engine.json"), ct)), ct);
        _cast = await Cast.AssemblePair(_folder, narrator, ct, engine, cast => Prepare(cast, port));
        await Check(Executable.Hub, "hub", OfHub(Cast.Hub), ct);
        foreach (var (name, agency) in Gateways(Cast)) await Check(Executable.Gateway, name, OfGateway(name, agency), ct);
        narrator.Say("hub, police, shelter: well, as their health checks see it");
    }

    private void Prepare(Cast cast, int? port)
    {
        if (port is { } chosen) cast.Hub.Port = chosen;
        var hub = _compose.Services["hub"];
        (cast.Hub.Command, cast.Hub.Environment) = (Arguments(hub.Command, "referralhub", OfHub(cast.Hub)), hub.Environment);
        foreach (var (name, agency) in Gateways(cast))
        {
            var gateway = _compose.Services[name];
            (agency.Command, agency.Environment) = (Arguments(gateway.Command, "referral-gateway", OfGateway(name, agency)), gateway.Environment);
        }
    }

    private async Task HandOver(Narrator narrator, CancellationToken ct)
    {
        var handoff = new Handoff(Cast.Police, Cast, narrator) { WithFiles = false };
        await handoff.Tell(ct, withQuestion: false);
        var evidence = await Evidence.Take(Cast, new(handoff.Referral, Cast.Police, "loop-closed"), narrator, ct);
        Console.WriteLine();
        foreach (var line in evidence.Table()) Console.WriteLine(line);
        Console.WriteLine();
    }

    private async Task StayUp(CancellationToken ct)
    {
        Console.WriteLine(
            $"""
            Everything stays up until Ctrl-C. To try, in another terminal:

            what an operator would look at
              {Executable.Hub.CommandLine("doctor", "--data", Cast.Hub.Data)}
            how the shelter's gateway stands
              {Executable.Gateway.CommandLine("status", "--data", Cast.Shelter.Data)}
            """);
        await Task.Delay(Timeout.Infinite, ct);
    }

    private async Task Check(Executable program, string name, Places places, CancellationToken ct) =>
        (await program.Run(Arguments(_compose.Services[name].Healthcheck.Command, program.Name, places), ct)).Succeeded();

    // What is there the first word is here a program that was built.
    private static IReadOnlyList<string> Arguments(IReadOnlyList<string> command, string program, Places places) =>
        command[0] == program ? places.Here(command.Skip(1)) : throw new InvalidDataException($"{ComposeFile.Name} starts {command[0]} where deploy/local has {program}.");

    private static IEnumerable<(string Service, AgencyNode Agency)> Gateways(Cast cast) => [("police", cast.Police), ("shelter", cast.Shelter)];

    private static Places OfHub(HubNode hub) =>
        new(("/var/lib/referralhub", hub.Data), ("0.0.0.0:7443", $"127.0.0.1:{hub.Port}"), ("localhost:7443", $"localhost:{hub.Port}"));

    private static Places OfGateway(string service, AgencyNode agency) =>
        new(("/var/lib/referral-gateway", agency.Data), ($"/run/secrets/{service}-passphrase", agency.PassphraseFile));

    private Places Engine(string secrets) => new(
        ("/run/secrets", secrets),
        ("\"host\": \"postgres\", \"port\": 5432", $"\"host\": \"127.0.0.1\", \"port\": {_postgres.Port}"),
        ("\"host\": \"rabbitmq\", \"port\": 5671", $"\"host\": \"127.0.0.1\", \"port\": {_rabbit.Port}"));

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, ComposeFile.Name))) return folder.FullName;
        }

        throw new DirectoryNotFoundException($"There is no {ComposeFile.Name} above {AppContext.BaseDirectory}: run deploy/local in the checkout.");
    }
}
