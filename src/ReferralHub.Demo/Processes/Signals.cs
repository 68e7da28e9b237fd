using System.Runtime.InteropServices;

namespace ReferralHub.Demo.Processes;

/// <summary>The signals of Linux that we send to processes that we started and have not reaped.</summary>
internal static class Signals
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <summary>Sends one; false when there is no such process.</summary>
    public static bool Send(int process, int signal) => kill(process, signal) == 0;

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int process, int signal);
}
