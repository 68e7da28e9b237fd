using System.Diagnostics;
using System.Globalization;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Alerts;

/// <summary>A notice as a command: audience, class and count as its last three arguments, and on standard input whom to call. No shell reads them.</summary>
internal static class RunCommand
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(30);

    /// <param name="notice">What is told.</param>
    /// <param name="command">A program and its arguments.</param>
    /// <param name="call">The telephone of the one who is told; null for whomever the command knows. No process list shows it.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="InvalidOperationException">It ended with another code than 0, or not within 30 s.</exception>
    public static async Task RunAsync(Notice notice, IReadOnlyList<string> command, Telephone? call, CancellationToken ct)
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
        await TellWhomAsync(process, call);
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

    // It may end without reading.
    private static async Task TellWhomAsync(Process process, Telephone? call)
    {
        try
        {
            if (call is not null) await process.StandardInput.WriteLineAsync(call.ToString());
            process.StandardInput.Close();
        }
        catch (IOException)
        {
        }
    }
}
