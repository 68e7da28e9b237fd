using System.Diagnostics;

namespace ReferralHub.Fuzz;

/// <summary>What one target was put through.</summary>
/// <param name="Inputs">Inputs read.</param>
/// <param name="Accepted">How many of them were accepted.</param>
/// <param name="Kept">How many took a new branch and were mutated further.</param>
/// <param name="Finding">The first thing wrong, and the input in <see cref="Journal"/>; or null.</param>
internal sealed record Outcome(int Inputs, int Accepted, int Kept, string? Finding);

/// <summary>Mutates, runs, keeps what took a new branch; stops at the first finding. The same seed gives the same inputs.</summary>
internal sealed class Campaign(Target target, ulong seed, int count, Coverage coverage, Journal journal)
{
    public const long MaxBytes = 64 << 20;
    private const int WarmUp = 1000;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);

    private readonly List<byte[]> _corpus = [.. target.Seeds];
    private int _started;

    public Outcome Run()
    {
        using var watchdog = new Timer(new Watchdog(this).Look, null, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
        var dice = new Dice(seed);
        var mutator = new Mutator(dice, _corpus, target.Words, longest: target.Seeds.Max(s => s.Length) + 4096);
        var (accepted, before) = (0, long.MaxValue);
        foreach (var input in target.Seeds)
        {
            if (Try(input, out var finding)) accepted++;
            else return new(_started, accepted, 0, finding ?? "a seed is refused");
        }

        while (_started < count + target.Seeds.Count)
        {
            var parent = dice.OneIn(2) ? _corpus[^(1 + dice.Below(Math.Min(16, _corpus.Count)))] : dice.Of(_corpus);
            var input = mutator.Mutate(parent);
            if (target.Repair is not null && dice.OneIn(2)) input = target.Repair(input);
            if (Try(input, out var finding)) accepted++;
            if (finding is null && _started == WarmUp) before = Memory();
            if (finding is null && Memory() - before > MaxBytes) finding = $"the process has grown by more than {MaxBytes >> 20} MiB";
            if (finding is not null) return new(_started, accepted, _corpus.Count - target.Seeds.Count, finding);
            if (coverage.IsNew()) _corpus.Add(input);
        }

        return new(_started, accepted, _corpus.Count - target.Seeds.Count, null);
    }

    // Reading /proc for each input would cost more than the input.
    private long Memory() => _started % WarmUp == 0 ? Process.GetCurrentProcess().WorkingSet64 : 0;

    private bool Try(byte[] input, out string? finding)
    {
        journal.Write(input);
        coverage.Forget();
        Interlocked.Increment(ref _started);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        finding = null;
        try
        {
            return target.Accepts(input);
        }
        catch (Exception e)
        {
            finding = e is OracleException ? e.Message : e.ToString();
            return false;
        }
        finally
        {
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (allocated > MaxBytes) finding ??= $"{allocated >> 20} MiB allocated";
        }
    }

    /// <summary>Ends the process when an input has taken a second of processor time: a hang, however busy the machine is with others.</summary>
    private sealed class Watchdog(Campaign campaign)
    {
        private int _at;
        private TimeSpan _since;

        public void Look(object? state)
        {
            var now = Environment.CpuUsage.TotalTime;
            if (Volatile.Read(ref campaign._started) is var at && at != _at) (_at, _since) = (at, now);
            else if (at > 0 && now - _since > MaxTime) Environment.FailFast($"input {at} has taken {(now - _since).TotalSeconds:0.0} s");
        }
    }
}
