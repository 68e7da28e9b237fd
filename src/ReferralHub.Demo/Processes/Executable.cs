using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ReferralHub.Demo.Processes;

/// <summary>A program: one of ours, built beside this one with the same configuration, or a tool of the machine.</summary>
internal sealed class Executable
{
    private static readonly TimeSpan EndsWithin = TimeSpan.FromMinutes(5); // a build on a busy machine

    // Of the runtime that runs us, so that neither PATH nor DOTNET_ROOT has to be right.
    private static readonly string Host =
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    private readonly string _file;
    private readonly string[] _before;

    private Executable(string name, string file, params string[] before) => (Name, _file, _before) = (name, file, before);

    public static Executable Hub { get; } = Built("ReferralHub.Hub", "referralhub");

    public static Executable Gateway { get; } = Built("ReferralHub.Gateway", "referral-gateway");

    public static Executable Verifier { get; } = Built("ReferralHub.Verifier", "rh-verify");

    public static Executable Dotnet { get; } = new("dotnet", Host);

    /// <summary>What a person would type, and what errors call it.</summary>
    public string Name { get; }

    /// <summary>A program found on the machine's path.</summary>
    public static Executable Tool(string name) => new(name, name);

    /// <summary>The command line, for people to try.</summary>
    public string CommandLine(params IEnumerable<string> arguments) =>
        string.Join(' ', new[] { _file }.Concat(_before).Concat(arguments).Select(Quoted));

    /// <summary>Runs it to its end, whatever its exit code, with <paramref name="input"/> as its standard input.</summary>
    public async Task<Finished> Run(IEnumerable<string> arguments, CancellationToken ct, string input = "")
    {
        using var process = new Process { StartInfo = StartInfo(arguments) };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(EndsWithin);
        process.StartInfo.RedirectStandardInput = true;
        process.Start();
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new(CommandLine(arguments), process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            ct.ThrowIfCancellationRequested();
            throw new ProcessFailedException($"did not end within {EndsWithin.TotalMinutes} minutes: {CommandLine(arguments)}", []);
        }
    }

    /// <summary>
    /// Starts it to stay up. Every line it writes goes to the file <paramref name="log"/> too, and what it makes beside its
    /// data into the folder <paramref name="temporary"/>; <paramref name="environment"/> is added to ours.
    /// </summary>
    public Running Start(IEnumerable<string> arguments, string log, string temporary, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = StartInfo(arguments);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        start.Environment["TMPDIR"] = Directory.CreateDirectory(temporary).FullName;
        return new(start, Name, log);
    }

    private static Executable Built(string project, string name)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var assembly = Path.Combine(here.Parent!.Parent!.FullName, project, here.Name, name + ".dll");
        return File.Exists(assembly)
            ? new(name, Host, "exec", assembly)
            : throw new FileNotFoundException($"{name} is not built: run deploy/quickstart or tests/run.", assembly);
    }

    private static string Quoted(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,@%+".Contains(c, StringComparison.Ordinal))
            ? argument
            : $"'{argument.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private ProcessStartInfo StartInfo(IEnumerable<string> arguments) =>
        new(_file, [.. _before, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
}
