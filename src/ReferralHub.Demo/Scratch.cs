using ReferralHub.Demo.Processes;

namespace ReferralHub.Demo;

/// <summary>A show in a folder of its own, which is gone afterwards, unless something failed: then its logs are there.</summary>
internal static class Scratch
{
    private const int Good = 0;
    private const int Broken = 1;

    /// <summary>Runs it; says how it ended, and gives the exit code.</summary>
    /// <param name="name">Who speaks.</param>
    /// <param name="done">What to say when all went well.</param>
    /// <param name="once">Whether it is to end by itself, so that to be ended by somebody is none of its good ends.</param>
    /// <param name="play">What is done in the folder, which is the owner's alone.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task<int> Run(string name, string done, bool once, Func<string, Narrator, Task> play, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("referralhub-").FullName; // 0700
        var narrator = new Narrator(Console.WriteLine);
        narrator.Say($"all data is in {folder}; everybody in it is invented");
        try
        {
            await play(folder, narrator);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            Directory.Delete(folder, recursive: true);
            Console.WriteLine("ended; nothing is left behind");
            return once ? Broken : Good;
        }
        catch (ProcessFailedException failed)
        {
            Console.Error.WriteLine($"{name}: {failed.Message}");
            Console.Error.WriteLine($"{name}: all logs are in {folder}");
            return Broken;
        }

        Directory.Delete(folder, recursive: true);
        Console.WriteLine($"{name}: {done}");
        return Good;
    }
}
