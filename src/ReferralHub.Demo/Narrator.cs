using System.Diagnostics;

namespace ReferralHub.Demo;

/// <summary>Tells what happens while it happens, each line with the time since the beginning.</summary>
internal sealed class Narrator
{
    private readonly Action<string> _write;
    private readonly Stopwatch _since;

    public Narrator(Action<string> write)
        : this(write, Stopwatch.StartNew())
    {
    }

    private Narrator(Action<string> write, Stopwatch since) => (_write, _since) = (write, since);

    /// <summary>Says nothing: for tests.</summary>
    public static Narrator Silent { get; } = new(_ => { });

    /// <summary>The same clock, told to somebody else.</summary>
    public Narrator Aside(Action<string> write) => new(write, _since);

    public void Say(string what) => _write($"{_since.Elapsed:mm\\:ss\\.f}  {what}");
}
