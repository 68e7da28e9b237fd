using System.Text.Json;
using ReferralHub.Demo.Processes;

namespace ReferralHub.Demo;

/// <summary>An agency: its gateway as a process with a data folder of its own, and the commands its people give it.</summary>
internal sealed partial class AgencyNode(string folder, string id, string kind, string name, string worker, params string[] services) : IAsyncDisposable
{
    // Exit code of a command that did what it could, while somebody else's step is still to come.
    private const int Waiting = 2;

    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(60);

    private Running? _server;

    public string Id => id;

    public string Name => name;

    public string Data { get; } = Path.Combine(folder, id);

    /// <summary>What its gateway is started with, where that is told by somebody else.</summary>
    public IReadOnlyList<string>? Command { get; set; }

    /// <summary>What its gateway finds in its environment beside ours.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; set; }

    public string Log => Data + ".log";

    public string PassphraseFile => Data + ".passphrase";

    /// <summary>The gateway's process; throws before <see cref="Serve"/>.</summary>
    public Running Server => _server ?? throw new InvalidOperationException($"The gateway of {id} does not run.");

    /// <summary>Handle of the case worker who acts in the stories.</summary>
    public string Worker { get; private set; } = "";

    /// <summary>Handle of the lead, who decides what case workers may not.</summary>
    public string Lead { get; private set; } = "";

    /// <summary>Makes the keys and an empty data folder; needs no hub.</summary>
    public async Task Init(CancellationToken ct)
    {
        Secrets.WritePassphrase(PassphraseFile);
        (await Executable.Gateway.Run(
            [
                "init", "--data", Data, "--agency", id, "--kind", kind, "--name", name,
                .. services.SelectMany(service => new[] { "--service", service }),
                "--recovery-out", Data + ".recovery", "--passphrase-file", PassphraseFile,
            ],
            ct)).Succeeded();
    }

    /// <summary>Joins the hub; returns the digits that it reads out to the registrars, who compare them before they sign.</summary>
    public async Task<string> Join(HubNode hub, CancellationToken ct)
    {
        var joined = await Executable.Gateway.Run(
            [
                "join", hub.Url, "--fingerprint", hub.Fingerprint, "--token", await hub.Invite(id, kind, ct),
                "--data", Data, "--passphrase-file", PassphraseFile, "--json",
            ],
            ct);
        if (joined.ExitCode != Waiting) throw new ProcessFailedException($"{id} did not join", (joined.Output + joined.Error).Split('\n'));
        return JsonElement.Parse(joined.Output).GetProperty("digits").GetString()!;
    }

    public async Task Serve(CancellationToken ct)
    {
        _server = Executable.Gateway.Start(Command ?? ["serve", "--data", Data, "--passphrase-file", PassphraseFile], Log, Data + ".tmp", Environment);
        await _server.WaitForLine(line => line.Contains("Now listening on", StringComparison.Ordinal), ReadyWithin, ct);
    }

    /// <summary>Adds the case worker and the lead of the stories.</summary>
    public async Task Hire(CancellationToken ct)
    {
        Worker = await Add(worker);
        Lead = await Add($"SYNTHETIC Lead {kind} Example", "--lead");

        async Task<string> Add(string person, params string[] options) =>
            (await Ask(ct, ["people", "add", person, .. options])).GetProperty("handle").GetString()!;
    }

    /// <summary>Runs a command that must succeed, and reads its answer.</summary>
    public async Task<JsonElement> Ask(CancellationToken ct, params IEnumerable<string> command) =>
        JsonElement.Parse((await Run(command, input: "", ct)).Succeeded());

    /// <summary>Runs a command that must be refused.</summary>
    public async Task<Refused> AskInVain(CancellationToken ct, params IEnumerable<string> command)
    {
        var finished = await Run(command, input: "", ct);
        if (finished.ExitCode == 0) throw new ProcessFailedException($"this should have been refused: {finished.CommandLine}", finished.Output.Split('\n'));
        return JsonSerializer.Deserialize<Refused>(finished.Error, JsonSerializerOptions.Web)
            ?? throw new ProcessFailedException($"no refusal: {finished.CommandLine}", finished.Error.Split('\n'));
    }

    /// <summary>As a power cut does.</summary>
    public async Task Kill()
    {
        await Server.Kill();
        await Server.DisposeAsync();
        _server = null;
    }

    /// <summary>The disk is gone: nothing is left but the paper.</summary>
    public void LoseEverything() => Directory.Delete(Data, recursive: true);

    /// <summary>Comes back by the recovery key on paper, serves, and hires its people anew.</summary>
    public async Task Recover(HubNode hub, CancellationToken ct)
    {
        (await Executable.Gateway.Run(
            ["recover", hub.Url, "--fingerprint", hub.Fingerprint, "--recovery-file", Data + ".recovery", "--data", Data, "--passphrase-file", PassphraseFile],
            ct)).Succeeded();
        await Serve(ct);
        await Hire(ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    private Task<Finished> Run(IEnumerable<string> command, string input, CancellationToken ct) =>
        Executable.Gateway.Run([.. command, "--data", Data, "--json"], ct, input);
}

/// <summary>What a gateway says when it refuses.</summary>
/// <param name="Error">Name of the refusal.</param>
/// <param name="Message">For a person.</param>
/// <param name="Reasons">Codes, or names of fields.</param>
internal sealed record Refused(string Error, string Message, IReadOnlyList<string> Reasons)
{
    public override string ToString() => Reasons.Count == 0 ? Error : $"{Error} ({string.Join(", ", Reasons)})";
}
