using ReferralHub.Demo.Processes;
using ReferralHub.Demo.Stories;

namespace ReferralHub.Demo;

/// <summary>The demo from beginning to end.</summary>
internal static class Show
{
    /// <summary>Tells the stories; stays up afterwards, until cancelled, unless <paramref name="once"/>.</summary>
    public static Task<int> Run(bool once, CancellationToken ct) => Scratch.Run(
        "demo", "every handoff ended as it should; evidence verified", once, (folder, narrator) => Tell(folder, narrator, once, ct), ct);

    private static async Task Tell(string folder, Narrator narrator, bool once, CancellationToken ct)
    {
        await using var cast = await Cast.Assemble(folder, narrator, ct);
        var told = new List<(Story Story, Ending Ending)>();
        foreach (var (number, story) in Story.All.Index())
        {
            Console.WriteLine();
            Console.WriteLine($"{number + 1}. {story.Title}");
            foreach (var ending in await story.Tell(cast, narrator, ct))
            {
                var evidence = await Evidence.Take(cast, ending, narrator, ct);
                Console.WriteLine();
                evidence.WriteTable(Console.Out);
                told.Add((story, ending));
            }
        }

        Console.WriteLine();
        foreach (var (story, ending) in told) Console.WriteLine($"{ending.Referral}  {ending.State,-15}  {story.Title}");
        Console.WriteLine();
        if (!once) await StayUp(cast, told[0].Ending.Referral, ct);
    }

    private static async Task StayUp(Cast cast, string referral, CancellationToken ct)
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
              {Executable.Verifier.CommandLine(Path.Combine(cast.Folder, referral + ".zip"), "--fingerprint", cast.Hub.Fingerprint)}
            """);
        await Task.Delay(Timeout.Infinite, ct);
    }
}
