using System.Text.Json;
using ReferralHub.Demo.Processes;

namespace ReferralHub.Demo;

/// <summary>
/// Two registrars, both made here. In earnest they are lead agencies with keys of their own on machines without a network,
/// and the hub's operator is none of them; both must sign whatever enters the directory.
/// </summary>
internal sealed class Registrars
{
    private static readonly string[] Names = ["child-protection-board", "shelter-federation"];

    private readonly string _folder;
    private readonly string _passphrase;

    private Registrars(string folder)
    {
        _folder = Path.Combine(folder, "registrars");
        _passphrase = Path.Combine(_folder, "passphrase");
    }

    /// <summary><c>NAME=KEY</c> of each.</summary>
    public IReadOnlyList<string> Keys { get; private set; } = [];

    public static int Threshold => Names.Length;

    public static async Task<Registrars> Make(string folder, CancellationToken ct)
    {
        var registrars = new Registrars(folder);
        Directory.CreateDirectory(registrars._folder);
        Secrets.WritePassphrase(registrars._passphrase);
        var made = await Task.WhenAll(Names.Select(name =>
            Ask(["init", registrars.FolderOf(name), "--name", name, "--passphrase-file", registrars._passphrase], ct)));
        registrars.Keys = [.. made.Select(one => $"{one.GetProperty("name").GetString()}={one.GetProperty("key").GetString()}")];
        return registrars;
    }

    /// <summary>
    /// Has each of them sign; returns what each has signed. An enrolment needs the <paramref name="digits"/> that the agency
    /// reads out.
    /// </summary>
    public async Task<IReadOnlyList<string>> Sign(string file, CancellationToken ct, string? digits = null)
    {
        string[] confirmed = digits is null ? ["--yes"] : ["--fingerprint-digits", digits];
        return await Task.WhenAll(Names.Select(async name =>
        {
            var signed = Path.Combine(FolderOf(name), Path.GetFileNameWithoutExtension(file) + ".signed");
            await Ask(["sign", file, "--key", FolderOf(name), "--out", signed, "--passphrase-file", _passphrase, .. confirmed], ct);
            return signed;
        }));
    }

    private static async Task<JsonElement> Ask(IEnumerable<string> command, CancellationToken ct) =>
        JsonElement.Parse((await Executable.Gateway.Run(["registrar", .. command, "--json"], ct)).Succeeded());

    private string FolderOf(string name) => Path.Combine(_folder, name);
}
