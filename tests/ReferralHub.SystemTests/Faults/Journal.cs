using System.Globalization;

namespace ReferralHub.SystemTests.Faults;

/// <summary>What a campaign saw, line by line: ids and codes only. It stays where a campaign has failed.</summary>
internal sealed class Journal : IDisposable
{
    private readonly StreamWriter _file;

    public Journal(string path) => _file = new StreamWriter(path) { AutoFlush = true };

    public void Write(string line)
    {
        var now = TimeProvider.System.GetUtcNow().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        lock (_file) _file.WriteLine($"{now} {line}");
    }

    public void Dispose() => _file.Dispose();
}
