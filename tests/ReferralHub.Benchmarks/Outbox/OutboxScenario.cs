using ReferralHub.SystemTests;
using ReferralHub.SystemTests.Servers;

namespace ReferralHub.Benchmarks.Outbox;

/// <summary>
/// P3: what the outbox costs. Messages are committed to PostgreSQL, and the hub's relay hands them to RabbitMQ, which confirms each on a
/// quorum queue; beside MassTransit publishing the same to the same queue, where a crash takes with it what was not confirmed yet.
/// </summary>
internal static class OutboxScenario
{
    private const int Sustained = 2_000;
    private const int Full = 100_000;

    public static IEnumerable<Figure> Run() => Measure().GetAwaiter().GetResult();

    private static async Task<IReadOnlyList<Figure>> Measure()
    {
        using var folder = new TemporaryFolder();
        await using var servers = new SharedServers();
        await using var run = await OutboxRun.Make(servers, folder.Path);

        var (through, kept) = new Duel(3).Fight(() => run.CommitAndCarry(Sustained).GetAwaiter().GetResult(), () => run.Publish(Sustained, OutboxRun.Writers).GetAwaiter().GetResult());
        var (drained, ratios) = new Duel(2, () => run.Fill(Full).GetAwaiter().GetResult()).Fight(
            () => run.Drain().GetAwaiter().GetResult(), () => run.Publish(Full, run.Streams).GetAwaiter().GetResult());
        return
        [
            new("messages of eight writers, each in a commit of its own, until the broker has confirmed all; beside MassTransit alone", Sustained / through[0], Sustained / through[1], "per s", kept[1], ">= 0.5"),
            new("an outbox of 100,000 until it is empty; beside MassTransit alone", Full / drained[0], Full / drained[1], "per s", ratios[1], ">= 0.5"),
        ];
    }
}
