using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace ReferralHub.Fuzz;

/// <summary>
/// Runs each target in a process of its own, as many at once as there are processors, from a copy of this program whose
/// product assemblies are instrumented. A process that dies was killed by the input in its journal.
/// </summary>
internal sealed class Fleet(ulong seed, int count) : IDisposable
{
    public const string Child = "--child";

    private readonly string _folder = Directory.CreateTempSubdirectory("rh-fuzz-").FullName;

    /// <summary>Whether no target has a finding.</summary>
    public async Task<bool> Run(IEnumerable<string> targets)
    {
        Copy(AppContext.BaseDirectory, _folder);
        Coverage.Instrument(_folder);
        var good = true;
        await Parallel.ForEachAsync(
            targets, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, async (target, _) => good &= await Run(target));
        return good;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<bool> Run(string target)
    {
        var path = Path.Combine(_folder, target + ".journal");
        using var journal = new Journal(path);
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_GCHeapHardLimit"] = Campaign.MaxBytes.ToString("x", CultureInfo.InvariantCulture) },
        };
        foreach (var argument in (string[])[
            "exec", Path.Combine(_folder, "ReferralHub.Fuzz.dll"), Child, target,
            seed.ToString(CultureInfo.InvariantCulture), count.ToString(CultureInfo.InvariantCulture), path])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode == 0)
        {
            Console.Write(said);
            return true;
        }

        var saved = Save(target, journal.Read());
        Console.WriteLine($"FAILED: {target}: {said}{await error}\n  saved {saved}\n  again: dotnet exec {Path.GetRelativePath(".", Environment.GetCommandLineArgs()[0])} --replay {target} {saved}");
        return false;
    }

    private static string Save(string target, byte[] input)
    {
        var folder = Directory.CreateDirectory("artifacts/fuzz").FullName;
        var path = Path.Combine(folder, $"{target}-{Convert.ToHexStringLower(SHA256.HashData(input))[..8]}.hex");
        File.WriteAllText(path, Convert.ToHexStringLower(input) + "\n");
        return Path.GetRelativePath(".", path);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
