using System.Text.Json;
using ReferralHub.Demo;

namespace ReferralHub.SystemTests;

/// <summary>What a hub wrote to its log: compact JSON, one event a line.</summary>
internal static class HubLogFile
{
    /// <summary>Lines that carry an exception or are errors.</summary>
    public static IReadOnlyList<string> Troubles(HubNode hub) =>
        [.. File.ReadLines(hub.Log).Where(line => line.StartsWith('{')).Where(IsTrouble)];

    private static bool IsTrouble(string line)
    {
        using var entry = JsonDocument.Parse(line);
        return entry.RootElement.TryGetProperty("@x", out _)
            || (entry.RootElement.TryGetProperty("@l", out var level) && level.GetString() is "Error" or "Fatal");
    }
}
