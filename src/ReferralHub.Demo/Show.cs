using System.Threading.Channels;
using ReferralHub.Demo.Processes;
using ReferralHub.Demo.Stories;

namespace ReferralHub.Demo;

/// <summary>The demo from beginning to end.</summary>
internal static class Show
{
    private const int AtOnce = 2;

    /// <summary>Tells the stories; stays up afterwards, until cancelled, unless <paramref name="once"/>.</summary>
    public static Task<int> Run(bool once, CancellationToken ct) => Scratch.Run(
        "demo", "every handoff ended as it should; evidence verified", once, (folder, narrator) => Tell(folder, narrator, once, ct), ct);

    private static async Task Tell(string folder, Narrator narrator, bool once, CancellationToken ct)
    {
        await using var cast = await Cast.Assemble(folder, narrator, ct);
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var tellings = BeginAll(cast, narrator, failed);
        var told = new List<(Story Story, Ending Ending)>();
        try
        {
            foreach (var (number, telling) in tellings.Index())
            {
                Console.WriteLine();
                Console.WriteLine($"{number + 1}. {telling.Story.Title}");
                await foreach (var line in telling.Lines.ReadAllAsync(ct)) Console.WriteLine(line);
                told.AddRange((await telling.Endings).Select(ending => (telling.Story, ending)));
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            await Task.WhenAll(tellings.Select(telling => telling.Endings)); // throws what went wrong in the story that ended the others
            throw;
        }
        finally
        {
            await failed.CancelAsync();
            await Task.WhenAll(tellings.Select(telling => telling.Endings)).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        Console.WriteLine();
        foreach (var (story, ending) in told) Console.WriteLine($"{ending.Referral}  {ending.State,-15}  {story.Title}");
        Console.WriteLine();
        if (!once) await StayUp(cast, told[0].Ending.Referral, ct);
    }

    // Two at a time, since each of them waits for one process after the other. What goes wrong in one ends all.
    private static List<Telling> BeginAll(Cast cast, Narrator narrator, CancellationTokenSource failed)
    {
        var seats = new SemaphoreSlim(AtOnce);
        var tellings = new List<Telling>();
        foreach (var story in Story.All)
        {
            var earlier = tellings.Select(telling => telling.Endings).ToList();
            tellings.Add(new(story, async say =>
            {
                if (story.Alone) await Task.WhenAll(earlier);
                if (!story.Waits) await seats.WaitAsync(failed.Token);
                try
                {
                    return await Tell(cast, story, narrator.Aside(say), say, failed.Token);
                }
                catch
                {
                    await failed.CancelAsync();
                    throw;
                }
                finally
                {
                    if (!story.Waits) seats.Release();
                }
            }));
        }

        return tellings;
    }

    private static async Task<IReadOnlyList<Ending>> Tell(Cast cast, Story story, Narrator narrator, Action<string> say, CancellationToken ct)
    {
        var endings = await story.Tell(cast, narrator, ct);
        foreach (var evidence in await Task.WhenAll(endings.Select(ending => Evidence.Take(cast, ending, narrator, ct))))
        {
            say("");
            foreach (var line in evidence.Table()) say(line);
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

    /// <summary>A story that is being told. Others are at the same time; each is read in its turn, and the one whose turn it is while it goes on.</summary>
    private sealed class Telling
    {
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

        public Telling(Story story, Func<Action<string>, Task<IReadOnlyList<Ending>>> tell)
        {
            Story = story;
            Endings = Tell(tell);
        }

        public Story Story { get; }

        public ChannelReader<string> Lines => _lines.Reader;

        public Task<IReadOnlyList<Ending>> Endings { get; }

        private async Task<IReadOnlyList<Ending>> Tell(Func<Action<string>, Task<IReadOnlyList<Ending>>> tell)
        {
            try
            {
                return await tell(line => _lines.Writer.TryWrite(line));
            }
            finally
            {
                _lines.Writer.Complete();
            }
        }
    }
}
