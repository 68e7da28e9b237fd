using System.Diagnostics;

namespace ReferralHub.Demo;

/// <summary>Tells what happens while it happens, each line with the time since the beginning.</summary>
internal sealed class Narrator(TextWriter to)
{
    private readonly Stopwatch _since = Stopwatch.StartNew();

    /// <summary>Says nothing: for tests.</summary>
    public static Narrator Silent { get; } = new(TextWriter.Null);

    public void Say(string what) => to.WriteLine($"{_since.Elapsed:mm\\:ss\\.f}  {what}");
}
