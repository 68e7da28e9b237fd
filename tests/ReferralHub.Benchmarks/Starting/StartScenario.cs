using System.Diagnostics;
using ReferralHub.Demo;
using ReferralHub.Demo.Processes;
using ReferralHub.SystemTests;

namespace ReferralHub.Benchmarks.Starting;

/// <summary>
/// P7: how long a hub takes from nothing until it says that it is ready, beside a trivial web application with a database; and what hub
/// and gateway have in memory when nobody asks them anything.
/// </summary>
internal static class StartScenario
{
    private const int Repetitions = 7;

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    public static IEnumerable<Figure> Run() => Measure().GetAwaiter().GetResult();

    private static async Task<IReadOnlyList<Figure>> Measure()
    {
        using var folder = new TemporaryFolder();
        await using var cast = await Cast.AssemblePair(folder.Path, Narrator.Silent, CancellationToken.None);
        await Task.Delay(Idle);
        var (hub, gateway) = (MiB(cast.Hub.Server.Id), MiB(cast.Police.Server.Id));
        await cast.Hub.Kill();

        var (seconds, ratios) = new Duel(Repetitions).Fight(
            () => Start(new ProcessStartInfo("bash", ["-c", "exec " + Executable.Hub.CommandLine("serve", "--data", cast.Hub.Data)]), new Uri(cast.Hub.Url + "health/ready")).GetAwaiter().GetResult(),
            () => Start(TrivialApp.StartInfo(folder.File("trivial.db"), out var url), url).GetAwaiter().GetResult());
        await cast.Hub.Serve(CancellationToken.None); // the gateways end in peace
        return
        [
            new("start of a hub until it is ready; beside a trivial web application with a database", seconds[0] * 1000, seconds[1] * 1000, "ms", ratios[1], ">= 0.4"),
            new("memory of an idle hub", hub, null, "MiB", null, "< 150"),
            new("memory of an idle gateway", gateway, null, "MiB", null, "< 120"),
        ];
    }

    private static double MiB(int process) => ProcessMemory.Now(process) / 1024.0 / 1024.0;

    private static async Task Start(ProcessStartInfo start, Uri ready)
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var client = new HttpClient(handler);
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        try
        {
            while (!await Answers(client, ready))
            {
                if (process.HasExited) throw new InvalidOperationException($"{start.FileName} ended with {process.ExitCode}.");
                await Task.Delay(Look);
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static async Task<bool> Answers(HttpClient client, Uri ready)
    {
        try
        {
            using var answer = await client.GetAsync(ready);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // it does not listen yet
        }
    }
}
