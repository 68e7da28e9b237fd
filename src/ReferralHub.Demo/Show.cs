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
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var beside = Story.All.Where(story => story.Waits).ToDictionary(story => story, story => TellAside(cast, story, narrator, failed.Token));
        try
        {
            foreach (var (number, story) in Story.All.Index())
            {
                Console.WriteLine();
                Console.WriteLine($"{number + 1}. {story.Title}");
                IReadOnlyList<Ending> endings;
                if (beside.TryGetValue(story, out var aside))
                {
                    (endings, var lines) = await aside;
                    Console.Write(lines);
                }
                else
                {
                    endings = await Tell(cast, story, narrator, Console.Out, ct);
                }

                told.AddRange(endings.Select(ending => (story, ending)));
            }
        }
        finally
        {
            await failed.CancelAsync();
            await Task.WhenAll(beside.Values).ContinueWith(_ => { }, TaskScheduler.Default); // what it was has been said, or is no matter any more
        }

        Console.WriteLine();
        foreach (var (story, ending) in told) Console.WriteLine($"{ending.Referral}  {ending.State,-15}  {story.Title}");
        Console.WriteLine();
        if (!once) await StayUp(cast, told[0].Ending.Referral, ct);
    }

    // Its lines wait for its turn; each has the time when it was so.
    private static async Task<(IReadOnlyList<Ending> Endings, string Lines)> TellAside(Cast cast, Story story, Narrator narrator, CancellationToken ct)
    {
        var lines = new StringWriter();
        return (await Tell(cast, story, narrator.Aside(lines), lines, ct), lines.ToString());
    }

    private static async Task<IReadOnlyList<Ending>> Tell(Cast cast, Story story, Narrator narrator, TextWriter to, CancellationToken ct)
    {
        var endings = await story.Tell(cast, narrator, ct);
        foreach (var evidence in await Task.WhenAll(endings.Select(ending => Evidence.Take(cast, ending, narrator, ct))))
        {
            to.WriteLine();
            evidence.WriteTable(to);
        }

        return endings;
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
