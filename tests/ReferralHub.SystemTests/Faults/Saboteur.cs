using System.Collections.Concurrent;
using ReferralHub.Demo.Servers;

namespace ReferralHub.SystemTests.Faults;

/// <summary>
/// Makes things fail: one lane for the hub and the wire, one for the gateways, one for the servers, side by side, each with draws of its
/// own. In each lane all kinds come in turn, in a new order each time. What is not seen to take effect is not counted.
/// </summary>
internal sealed class Saboteur(Stage stage, int seed)
{
    private static readonly FaultKind[] OfHub =
    [
        FaultKind.HubKilled, FaultKind.HubKilledAtPoint, FaultKind.HubFrozen, FaultKind.UploadCut, FaultKind.HubKilledAtPoint, FaultKind.DownloadCut, FaultKind.AnswerCut,
    ];

    private static readonly FaultKind[] OfGateways =
    [
        FaultKind.SenderKilled, FaultKind.RecipientKilled, FaultKind.SenderKilledAtPoint, FaultKind.RecipientKilledAtPoint, FaultKind.SenderFrozen, FaultKind.RecipientFrozen,
    ];

    private static readonly FaultKind[] OfServers = [FaultKind.BrokerKilled, FaultKind.DatabaseKilled, FaultKind.BrokerFrozen, FaultKind.DatabaseFrozen];

    private static readonly TimeSpan ComesAbout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Request = TimeSpan.FromSeconds(2);

    private readonly ConcurrentQueue<Injected> _injected = new();

    // Seconds. Who has lost a server takes longer to come back, and what never gets anywhere shows nothing.
    private readonly (double Least, double Most) _pause = stage.Postgres is null ? (2, 8) : (5, 20);

    public IReadOnlyCollection<Injected> Injected => _injected;

    /// <summary>Goes on until <paramref name="end"/>; then everything runs again. What goes wrong in one lane ends the others.</summary>
    public async Task Work(CancellationToken end)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(end);
        Task[] lanes = [Lane(OfHub, "hub", over.Token), Lane(OfGateways, "gateways", over.Token), stage.Postgres is null ? Task.CompletedTask : Lane(OfServers, "servers", over.Token)];
        await foreach (var lane in Task.WhenEach(lanes))
        {
            if (lane.IsFaulted) await over.CancelAsync();
        }

        await Task.WhenAll(lanes);
    }

    private async Task Lane(FaultKind[] kinds, string name, CancellationToken end)
    {
        var draws = new Draws(seed, name);
        var left = new List<FaultKind>();
        while (true)
        {
            await Task.Delay(draws.Between(_pause.Least, _pause.Most), end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (end.IsCancellationRequested) return;
            if (left.Count == 0) left.AddRange(kinds);
            var kind = draws.One(left);
            left.Remove(kind);
            foreach (var actor in stage.Actors.Where(actor => name == "hub" == (actor == stage.Hub))) actor.RequireAlive();

            var inFlight = await Inject(kind, draws);
            stage.Journal.Write($"{kind}: {(inFlight is null ? "did not come about" : inFlight.Value ? "in flight" : "idle")}");
            if (inFlight is { } known) _injected.Enqueue(new(kind, known));
        }
    }

    // None of it is given up in the middle: what was stopped must go on.
    private Task<bool?> Inject(FaultKind kind, Draws draws) => kind switch
    {
        FaultKind.HubKilled => Kill(stage.Hub),
        FaultKind.SenderKilled => Kill(stage.Sender),
        FaultKind.RecipientKilled => Kill(stage.Recipient),
        FaultKind.HubKilledAtPoint => KillAt(stage.Hub, draws.One(Enum.GetValues<Point>())),
        FaultKind.SenderKilledAtPoint => KillAt(stage.Sender, draws.One(OfGateway)),
        FaultKind.RecipientKilledAtPoint => KillAt(stage.Recipient, draws.One(OfGateway)),
        FaultKind.HubFrozen => Freeze(stage.Hub, draws),
        FaultKind.SenderFrozen => Freeze(stage.Sender, draws),
        FaultKind.RecipientFrozen => Freeze(stage.Recipient, draws),
        FaultKind.UploadCut or FaultKind.DownloadCut or FaultKind.AnswerCut => Cut(kind),
        FaultKind.BrokerKilled => Kill(stage.Rabbit!, draws),
        FaultKind.DatabaseKilled => Kill(stage.Postgres!, draws),
        FaultKind.BrokerFrozen => Freeze(stage.Rabbit!, draws),
        FaultKind.DatabaseFrozen => Freeze(stage.Postgres!, draws),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static Point[] OfGateway => [.. Enum.GetValues<Point>().Where(point => point != Point.AfterConsume)];

    private async Task<bool?> Kill(Actor actor)
    {
        await AwaitRequest(actor);
        await actor.Kill();
        var inFlight = actor.Probe.InFlight > 0;
        await actor.Revive(stage.Journal, CancellationToken.None);
        return inFlight;
    }

    private async Task<bool?> KillAt(Actor actor, Point point)
    {
        actor.Probe.Arm(point);
        using var limit = new CancellationTokenSource(ComesAbout);
        await actor.Process().Ended(limit.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        if (!actor.Probe.Disarm()) return null;
        await actor.Process().Ended(CancellationToken.None);
        await actor.Kill();
        stage.Journal.Write($"{actor.Name} ended at {point}");
        var inFlight = actor.Probe.InFlight > 0;
        await actor.Revive(stage.Journal, CancellationToken.None);
        return inFlight;
    }

    private static async Task<bool?> Freeze(Actor actor, Draws draws)
    {
        await AwaitRequest(actor);
        await actor.Freeze(CancellationToken.None);
        var inFlight = actor.Probe.InFlight > 0;
        await Task.Delay(draws.Between(0.5, 3));
        actor.Thaw();
        return inFlight;
    }

    private async Task<bool?> Cut(FaultKind kind) => await stage.Wire.Cut(kind, ComesAbout, CancellationToken.None) ? true : null;

    private async Task<bool?> Kill(Server server, Draws draws)
    {
        await AwaitRequest(stage.Hub);
        var inFlight = stage.Hub.Probe.InFlight > 0;
        await server.Kill(CancellationToken.None);
        await Task.Delay(draws.Between(0, 3));
        await server.Start(CancellationToken.None);
        return inFlight;
    }

    private async Task<bool?> Freeze(Server server, Draws draws)
    {
        await AwaitRequest(stage.Hub);
        server.Freeze();
        var inFlight = stage.Hub.Probe.InFlight > 0;
        await Task.Delay(draws.Between(0.5, 3));
        server.Thaw();
        return inFlight;
    }

    // The moment is random all the same: it is the first after one that was drawn in which the fault means something.
    private static async Task AwaitRequest(Actor actor)
    {
        using var limit = new CancellationTokenSource(Request);
        while (actor.Probe.InFlight == 0 && !limit.IsCancellationRequested) await Task.Delay(1);
    }
}
