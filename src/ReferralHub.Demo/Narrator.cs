using System.Diagnostics;

namespace ReferralHub.Demo;

/// <summary>Tells what happens while it happens, each line with the time since the beginning.</summary>
internal sealed class Narrator
{
    private readonly TextWriter _to;
    private readonly Stopwatch _since;

    public Narrator(TextWriter to)
        : this(to, Stopwatch.StartNew())
    {
    }

    private Narrator(TextWriter to, Stopwatch since) => (_to, _since) = (to, since);

    /// <summary>Says nothing: for tests.</summary>
    public static Narrator Silent { get; } = new(TextWriter.Null);

    /// <summary>The same clock, told to somebody else.</summary>
    public Narrator Aside(TextWriter to) => new(to, _since);

    public void Say(string what) => _to.WriteLine($"{_since.Elapsed:mm\\:ss\\.f}  {what}");
}
