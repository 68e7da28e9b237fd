using System.Collections.Concurrent;

namespace ReferralHub.SystemTests;

/// <summary>A folder that only this user can enter, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private const int Shown = 10;

    private static readonly ConcurrentDictionary<TemporaryFolder, bool> Present = new();
    private static readonly ConcurrentQueue<string> Kept = new();

    public TemporaryFolder() => Present.TryAdd(this, true);

    public string Path { get; } = Directory.CreateTempSubdirectory("rh-").FullName;

    /// <summary>What processes logged last in folders that are there or have gone since the last call, by the name of the log.</summary>
    public static IEnumerable<string> LogTails()
    {
        while (Kept.TryDequeue(out var line)) yield return line;
        foreach (var line in Present.Keys.SelectMany(folder => folder.Logged())) yield return line;
    }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        foreach (var line in Logged()) Kept.Enqueue(line);
        Present.TryRemove(this, out _);
        Directory.Delete(Path, recursive: true);
    }

    private IEnumerable<string> Logged() =>
        Directory.EnumerateFiles(Path, "*.log").SelectMany(log =>
            System.IO.File.ReadLines(log).TakeLast(Shown).Select(line => $"{System.IO.Path.GetFileNameWithoutExtension(log)}: {line}"));
}
