using ReferralHub.Demo.Processes;
using ReferralHub.Demo.Stories;

namespace ReferralHub.Demo;

/// <summary>The demo from beginning to end.</summary>
internal static class Show
{
    private const int Good = 0;
    private const int Broken = 1;

    /// <summary>Tells the stories; stays up afterwards, until cancelled, unless <paramref name="once"/>.</summary>
    public static async Task<int> Run(bool once, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("referralhub-").FullName; // 0700
        var narrator = new Narrator(Console.Out);
        narrator.Say($"all data is in {folder}; everybody in this demo is invented");
        try
        {
            await using var cast = await Cast.Assemble(folder, narrator, ct);
            var handoff = new Handoff(cast, narrator);
            await handoff.Tell(ct);
            await OutsideConsent.Tell(cast, handoff.Consent, narrator, ct);
            var evidence = await Evidence.Take(cast, handoff.Referral, narrator, ct);

            Console.WriteLine();
            evidence.WriteTable(Console.Out);
            Console.WriteLine();
            if (evidence.State != "loop-closed") throw new ProcessFailedException($"the handoff ended as {evidence.State}", []);
            if (!once) await StayUp(cast, handoff, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            Directory.Delete(folder, recursive: true);
            Console.WriteLine("ended; nothing is left behind");
            return once ? Broken : Good;
        }
        catch (ProcessFailedException failed)
        {
            Console.Error.WriteLine($"demo: {failed.Message}");
            Console.Error.WriteLine($"demo: all logs are in {folder}");
            return Broken;
        }

        Directory.Delete(folder, recursive: true);
        Console.WriteLine("demo: every handoff ended as it should; evidence verified");
        return Good;
    }

    private static async Task StayUp(Cast cast, Handoff handoff, CancellationToken ct)
    {
        Console.WriteLine(
            $"""
            Everything stays up until Ctrl-C. To try, in another terminal:

            what the shelter has received
              {Executable.Gateway.CommandLine("inbox", "--data", cast.Shelter.Data)}
            how the police's gateway stands
              {Executable.Gateway.CommandLine("status", "--data", cast.Police.Data)}
            the two logs of the hub, recomputed from what it stores
              {Executable.Hub.CommandLine("log", "verify", "--full", "--data", cast.Hub.Data)}
            the evidence again; change one byte of the file, and it breaks
              {Executable.Verifier.CommandLine(Path.Combine(cast.Folder, handoff.Referral + ".zip"), "--fingerprint", cast.Hub.Fingerprint)}
            """);
        await Task.Delay(Timeout.Infinite, ct);
    }
}
