namespace ReferralHub.Demo.Processes;

/// <summary>A program did not do what the story needs; <see cref="LastLines"/> is what it said last.</summary>
internal sealed class ProcessFailedException(string message, IReadOnlyList<string> lastLines)
    : Exception($"{message}\n{string.Join('\n', lastLines.TakeLast(Shown))}")
{
    private const int Shown = 20;

    public IReadOnlyList<string> LastLines { get; } = [.. lastLines.TakeLast(Shown)];
}
