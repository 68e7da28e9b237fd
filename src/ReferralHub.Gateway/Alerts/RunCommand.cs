using System.Diagnostics;
using System.Globalization;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Alerts;

/// <summary>A notice as a command: audience, class and count as its last three arguments. No shell reads them.</summary>
internal static class RunCommand
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(30);

    /// <exception cref="InvalidOperationException">It ended with another code than 0, or not within 30 s.</exception>
    public static async Task RunAsync(Notice notice, IReadOnlyList<string> command, CancellationToken ct)
    {
        var start = new ProcessStartInfo(
            command[0],
            [
                .. command.Skip(1),
                Code.Text(notice.Audience),
                Wording.ClassOf(notice.Stage, notice.Clock),
                notice.Count.ToString(CultureInfo.InvariantCulture),
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("It did not start.");
        process.StandardInput.Close();
        using var time = CancellationTokenSource.CreateLinkedTokenSource(ct);
        time.CancelAfter(Time);
        try
        {
            // What it prints is nobody's to keep, but must not stop it.
            await Task.WhenAll(
                process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, time.Token),
                process.StandardError.BaseStream.CopyToAsync(Stream.Null, time.Token),
                process.WaitForExitAsync(time.Token));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            ct.ThrowIfCancellationRequested();
            throw new InvalidOperationException("It took too long.");
        }

        if (process.ExitCode != 0) throw new InvalidOperationException($"It ended with {process.ExitCode}.");
    }
}
