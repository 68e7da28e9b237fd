using System.Text.Json;
using ReferralHub.Demo.Processes;
using ReferralHub.Demo.Stories;

namespace ReferralHub.Demo;

/// <summary>A hub as a process with a data folder of its own, on a random port of the loopback address.</summary>
internal sealed class HubNode : IAsyncDisposable
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(60);

    private readonly string _folder;
    private Registrars? _registrars;
    private Running? _server;

    public HubNode(string folder)
    {
        _folder = folder;
        Data = Path.Combine(folder, "hub");
    }

    public string Data { get; }

    /// <summary>Of the loopback address, where agencies reach it.</summary>
    public int Port { get; set; } = Loopback.FreePort();

    /// <summary>What its server is started with, where that is told by somebody else.</summary>
    public IReadOnlyList<string>? Command { get; set; }

    /// <summary>The engine.json that it is founded with; null for the embedded engine.</summary>
    public string? Engine { get; init; }

    /// <summary>The port that it listens on when something stands between it and <see cref="Url"/>.</summary>
    public int? Listen { get; set; }

    /// <summary>What its server finds in its environment beside ours.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; set; }

    public string Log => Data + ".log";

    /// <summary>Where the server's temporary files are.</summary>
    public string Temporary => Data + ".tmp";

    public string Url => $"https://localhost:{Port}/";

    /// <summary>The server; throws before <see cref="Serve"/>.</summary>
    public Running Server => _server ?? throw new InvalidOperationException("The hub does not run.");

    /// <summary>F, by which everybody knows this hub; known once genesis is complete.</summary>
    public string Fingerprint { get; private set; } = "";

    /// <summary>Who admits agencies to it; made with the hub.</summary>
    public Registrars Registrars => _registrars ?? throw new InvalidOperationException("The hub is not founded.");

    /// <summary><see cref="Found"/>, <see cref="Serve"/>, and a policy that every registrar signed.</summary>
    public async Task Begin(Narrator narrator, CancellationToken ct)
    {
        await Found(narrator, ct);
        await Task.WhenAll(Serve(ct), AddPolicy(ct));
    }

    /// <summary>Makes registrars and hub, has the genesis signed by every registrar, and begins the logs.</summary>
    public async Task Found(Narrator narrator, CancellationToken ct)
    {
        narrator.Say("two registrars make their keys (in earnest: lead agencies, offline; here both are made by this demo)");
        _registrars = await Registrars.Make(_folder, ct);
        narrator.Say("hub: makes its keys and CA; both registrars sign its genesis");
        await Ask(
            ct,
            [
                "init", "--origin", "demo.referralhub.example", "--url", Url.TrimEnd('/'), "--threshold", $"{Demo.Registrars.Threshold}",
                .. Registrars.Keys.SelectMany(key => new[] { "--registrar", key }),
                .. Engine is null ? Array.Empty<string>() : ["--engine", Engine],
            ]);
        var genesis = await Registrars.Sign(Path.Combine(Data, "genesis.json"), ct);
        Fingerprint = (await Ask(ct, ["genesis", "complete", .. genesis])).GetProperty("fingerprint").GetString()!;
        narrator.Say($"hub: fingerprint {Fingerprint}");
    }

    /// <summary>Invites an agency to join, once; returns the token.</summary>
    public async Task<string> Invite(string agency, string kind, CancellationToken ct) =>
        (await Ask(ct, "agency", "invite", agency, "--kind", kind)).GetProperty("token").GetString()!;

    /// <summary>Has the registrars sign for agencies that joined, after comparing the digits that each reads out.</summary>
    public async Task Admit(CancellationToken ct, params IReadOnlyList<(string Agency, string Digits)> joined)
    {
        var pending = (await Ask(ct, "agency", "pending", "--out", Path.Combine(_folder, "pending"))).EnumerateArray()
            .ToDictionary(waiting => waiting.GetProperty("agency").GetString()!, waiting => waiting.GetProperty("file").GetString()!);
        await Task.WhenAll(joined.Select(async one =>
            await Ask(ct, ["agency", "admit", .. await Registrars.Sign(pending[one.Agency], ct, one.Digits)])));
    }

    public async Task Serve(CancellationToken ct)
    {
        string[] listen = Listen is { } port ? ["--listen", $"127.0.0.1:{port}"] : [];
        _server = Executable.Hub.Start(Command ?? ["serve", "--data", Data, .. listen], Log, Temporary, Environment);
        await _server.WaitForLine(line => line.Contains("Now listening on", StringComparison.Ordinal), ReadyWithin, ct);
    }

    /// <summary>As a power cut does.</summary>
    public async Task Kill()
    {
        await Server.Kill();
        await Forget();
    }

    /// <summary>Lets go of a server that has ended by itself or was stopped.</summary>
    public async Task Forget()
    {
        await Server.DisposeAsync();
        _server = null;
    }

    /// <summary>Runs a command of the operator and reads its answer.</summary>
    public async Task<JsonElement> Ask(CancellationToken ct, params IEnumerable<string> command) =>
        JsonElement.Parse((await Executable.Hub.Run([.. command, "--data", Data, "--json"], ct)).Succeeded());

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    private async Task AddPolicy(CancellationToken ct)
    {
        var policy = Path.Combine(_folder, "policy.json");
        await File.WriteAllTextAsync(policy, Papers.Policy(TimeProvider.System.GetUtcNow()), ct);
        await Ask(ct, ["policy", "add", .. await Registrars.Sign(policy, ct)]);
    }
}
