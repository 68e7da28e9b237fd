namespace ReferralHub.Tests;

/// <summary>How many cases of a set of vectors were run and how many accepted, so that none is left out unnoticed.</summary>
internal sealed class Tally(string set)
{
    private readonly List<(string Case, string Reason)> _left = [];
    private int _ran;
    private int _accepted;

    public void Ran(bool accepted)
    {
        _ran++;
        if (accepted) _accepted++;
    }

    /// <summary>A case that does not apply.</summary>
    public void Leave(string name, string reason) => _left.Add((name, reason));

    /// <summary>Says what came of the set, and fails when that is something else than expected.</summary>
    public void Close(int of, int ran, int accepted)
    {
        var left = _left.GroupBy(one => one.Reason).Select(group => $"{Environment.NewLine}  not run, {group.Key}: {string.Join(", ", group.Select(one => one.Case))}");
        Console.WriteLine($"{set}: ran {_ran} of {_ran + _left.Count}, accepted {_accepted}{string.Concat(left)}");
        Assert.Equal((of, ran, accepted), (_ran + _left.Count, _ran, _accepted));
    }
}
