namespace ReferralHub.Demo.Processes;

/// <summary>How a program ended.</summary>
internal sealed record Finished(string CommandLine, int ExitCode, string Output, string Error)
{
    /// <summary>What it wrote to standard output.</summary>
    /// <exception cref="ProcessFailedException">It did not exit with 0.</exception>
    public string Succeeded() =>
        ExitCode == 0 ? Output : throw new ProcessFailedException($"exit code {ExitCode} of: {CommandLine}", (Output + Error).Split('\n'));
}
