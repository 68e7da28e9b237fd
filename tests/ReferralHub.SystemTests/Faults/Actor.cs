using ReferralHub.Demo.Processes;

namespace ReferralHub.SystemTests.Faults;

/// <summary>The hub or a gateway as a campaign handles it.</summary>
/// <param name="Name">For the journal.</param>
/// <param name="Probe">What looks inside.</param>
/// <param name="Process">The process that runs, or ran last.</param>
/// <param name="Kill">Ends it as a power cut does; lets go of one that has ended already.</param>
/// <param name="Serve">Starts it and waits until it serves.</param>
internal sealed record Actor(string Name, Probe Probe, Func<Running> Process, Func<Task> Kill, Func<CancellationToken, Task> Serve)
{

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Starts it, and again while what it needs is not there, as a service manager does.</summary>
    public async Task Revive(Journal journal, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await Serve(ct);
                return;
            }
            catch (ProcessFailedException e)
            {
                journal.Write($"{Name} did not come up: {(e.LastLines is [.., var last] ? last : e.Message)}");
                await Task.Delay(Pause, ct);
            }
        }
    }

    /// <summary>Stops it where it is; returns when the kernel says so.</summary>
    public async Task Freeze(CancellationToken ct)
    {
        Process().Signal(Signals.Stop);
        while (!(await File.ReadAllTextAsync($"/proc/{Process().Id}/stat", ct)).Contains(") T ", StringComparison.Ordinal)) await Task.Delay(1, ct);
    }

    /// <exception cref="ProcessFailedException">It has ended by itself.</exception>
    public void RequireAlive()
    {
        if (Process().HasEnded) throw new ProcessFailedException($"{Name} ended by itself", Process().LastLines);
    }

    public void Thaw() => Process().Signal(Signals.Continue);
}
