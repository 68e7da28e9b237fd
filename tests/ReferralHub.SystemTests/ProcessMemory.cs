using System.Globalization;

namespace ReferralHub.SystemTests;

/// <summary>What the kernel counts of a process's memory: /proc/PID/status, proc_pid_status(5).</summary>
internal static class ProcessMemory
{
    /// <summary>The most that it ever had resident, in bytes (VmHWM).</summary>
    public static long Peak(int process) => Read(process, "VmHWM:");

    /// <summary>What it has resident, in bytes (VmRSS).</summary>
    public static long Now(int process) => Read(process, "VmRSS:");

    private static long Read(int process, string name)
    {
        var line = File.ReadLines($"/proc/{process}/status").Single(l => l.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }
}
