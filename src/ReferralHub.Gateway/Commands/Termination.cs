using System.Runtime.InteropServices;

namespace ReferralHub.Gateway.Commands;

/// <summary>
/// SIGTERM and Ctrl-C ask a command to finish what it is doing. Service managers and terminals ask more than once: a second
/// SIGTERM changes nothing; a second Ctrl-C ends the command at once, which loses nothing that was answered.
/// </summary>
internal sealed class Termination : IDisposable
{
    private readonly CancellationTokenSource _asked = new();
    private readonly PosixSignalRegistration _sigterm;
    private readonly PosixSignalRegistration _sigint;
    private int _interrupts;

    public Termination()
    {
        _sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ask);
        _sigint = PosixSignalRegistration.Create(PosixSignal.SIGINT, Ask);
    }

    /// <summary>Cancelled once somebody asked.</summary>
    public CancellationToken Token => _asked.Token;

    public void Dispose()
    {
        _sigterm.Dispose();
        _sigint.Dispose();
        _asked.Dispose();
    }

    private void Ask(PosixSignalContext signal)
    {
        // Handlers run side by side, so a SIGTERM sent later may be heard earlier: only Ctrl-C itself is counted.
        signal.Cancel = signal.Signal == PosixSignal.SIGTERM || Interlocked.Increment(ref _interrupts) == 1;
        _asked.Cancel();
    }
}
