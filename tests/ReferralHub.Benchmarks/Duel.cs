using System.Diagnostics;

namespace ReferralHub.Benchmarks;

/// <summary>
/// Times ours and its rivals in turn, so that whatever else the machine does hits all of them, and compares within each
/// repetition. Medians, because disturbances only ever slow. After one repetition that does not count.
/// </summary>
/// <param name="repetitions">Those that count.</param>
/// <param name="before">What is made ready before each, and not timed.</param>
internal sealed class Duel(int repetitions, Action? before = null)
{
    /// <summary>Seconds of each contender, the first being ours, and the median of rival / ours for each.</summary>
    public (double[] Seconds, double[] Ratios) Fight(params Action[] contenders)
    {
        var times = new List<double[]>();
        for (var i = 0; i <= repetitions; i++)
        {
            before?.Invoke();
            var round = new double[contenders.Length];
            for (var turn = 0; turn < contenders.Length; turn++)
            {
                var who = (i + turn) % contenders.Length;
                var start = Stopwatch.GetTimestamp();
                contenders[who]();
                round[who] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }

            if (i > 0) times.Add(round);
        }

        return (
            [.. contenders.Select((_, who) => Median(times.Select(round => round[who])))],
            [.. contenders.Select((_, who) => Median(times.Select(round => round[who] / round[0])))]);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
