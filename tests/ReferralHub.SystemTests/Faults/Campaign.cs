using System.Diagnostics;
using ReferralHub.Benchmarks;
using ReferralHub.Demo.Stories;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.SystemTests.Faults;

/// <summary>
/// Sends referrals and brings them to their end while things fail, lets everything come to rest, and checks. The seed fixes what is
/// done to whom in which order, and not what it meets; so the journal of a campaign that failed is kept.
/// </summary>
/// <param name="Engine"><c>embedded</c> or <c>distributed</c>.</param>
/// <param name="Seed">What the faults are drawn from.</param>
/// <param name="Length">How long things fail.</param>
internal sealed record Campaign(string Engine, int Seed, TimeSpan Length)
{
    public const string Embedded = "embedded";
    public const string Distributed = "distributed";

    private const int Kept = 16;
    private const int Direct = 10;
    private const int Shown = 20;

    private static readonly TimeSpan Report = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RestsWithin = TimeSpan.FromMinutes(5);

    /// <summary>Runs it.</summary>
    /// <param name="show">Gets what happens, for people who wait.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="CampaignFailedException">Something was lost or doubled, or did not end.</exception>
    public async Task<CampaignOutcome> Run(Action<string> show, CancellationToken ct)
    {
        var kept = Checkout.Path("artifacts", "kills", $"{Engine}-{Seed}");
        if (Directory.Exists(kept)) Directory.Delete(kept, recursive: true);
        Directory.CreateDirectory(kept);
        using var folder = new TemporaryFolder();
        try
        {
            using var journal = new Journal(Path.Combine(kept, "journal"));
            var outcome = await Run(folder.Path, journal, show, ct);
            if (outcome.Found.Wrong.Count > 0) throw new CampaignFailedException(string.Join('\n', outcome.Found.Wrong.Take(Shown)), kept, null);
            Directory.Delete(kept, recursive: true);
            return outcome;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            foreach (var log in Directory.EnumerateFiles(folder.Path, "*.log")) File.Copy(log, Path.Combine(kept, Path.GetFileName(log)), overwrite: true);
            throw e as CampaignFailedException ?? new CampaignFailedException(e.ToString(), kept, e);
        }
    }

    private async Task<CampaignOutcome> Run(string folder, Journal journal, Action<string> show, CancellationToken ct)
    {
        await using var stage = await Stage.Set(folder, Engine == Distributed, journal, ct);
        var (police, shelter) = (stage.Cast.Police, stage.Cast.Shelter);
        var papers = Path.Combine(folder, "consent.json");
        await File.WriteAllTextAsync(papers, Papers.Consent(TimeProvider.System.GetUtcNow()), ct);
        var consent = Guid.Parse(await police.RecordConsent(papers, shelter, ct));

        await using var pair = await DirectPair.Join(stage.Cast.Hub, ct);
        var direct = new DirectDesk(pair);
        var ledger = new Ledger();
        using var sender = new Desk(police, ledger, journal) { Sends = (AgencyId.Parse(shelter.Id), consent), Keeps = Kept };
        using var recipient = new Desk(shelter, ledger, journal);
        using var rest = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        end.CancelAfter(Length);
        var saboteur = new Saboteur(stage, Seed);
        var work = Task.WhenAll(sender.Work(rest.Token), recipient.Work(rest.Token));
        var without = direct.Work(Direct, end.Token);
        var faults = saboteur.Work(end.Token);
        var since = Stopwatch.StartNew();
        var all = Task.WhenAll(faults, without);
        foreach (var task in new[] { work, without, faults }) _ = task.ContinueWith(_ => end.Cancel(), ct, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        while (await Task.WhenAny(all, Task.Delay(Report, ct)) != all)
        {
            show($"{since.Elapsed:mm\\:ss} {saboteur.Injected.Count} faults, {sender.Closed} + {direct.Closed.Count} referrals closed, {sender.Open} on their way through gateways");
        }

        await all;
        show($"{since.Elapsed:mm\\:ss} {saboteur.Injected.Count} faults; nothing fails any more");
        sender.Keeps = 0;
        await Rest(stage, sender, recipient, work);
        show($"{since.Elapsed:mm\\:ss} everything has come to rest after {sender.Closed} + {direct.Closed.Count} referrals");
        await rest.CancelAsync();
        await work;
        var found = await new Checker(stage, ledger, direct).Check(ct);
        var setting = Setting.Now();
        return new(
            Engine, Seed, Length.TotalMinutes,
            [.. saboteur.Injected.GroupBy(fault => fault.Kind).OrderBy(kind => kind.Key).Select(kind => new Tally(Code.Text(kind.Key), kind.Count(), kind.Count(fault => fault.InFlight)))],
            stage.Hub.Probe.Again, ledger.Answers, found, setting.Machine, setting.Date, setting.Commit);
    }

    /// <exception cref="TimeoutException">Something is still on its way.</exception>
    private static async Task Rest(Stage stage, Desk sender, Desk recipient, Task work)
    {
        using var limit = new CancellationTokenSource(RestsWithin);
        while (true)
        {
            if (work.IsCompleted) await work;
            foreach (var actor in stage.Actors) actor.RequireAlive();
            var (ours, theirs) = (await GatewayRecords.Waits(stage.Cast.Police), await GatewayRecords.Waits(stage.Cast.Shelter));
            if (sender.Open == 0 && recipient.Open == 0 && !ours && !theirs && await HubRecords.AreSettled(stage.Cast.Hub, CancellationToken.None)) return;
            if (limit.IsCancellationRequested) throw new TimeoutException($"{sender.Open} referrals of the sender and {recipient.Open} of the recipient have not ended {RestsWithin.TotalMinutes} minutes after the last fault.");
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }
}

/// <summary>A campaign found something; its journal and all logs are kept.</summary>
internal sealed class CampaignFailedException(string message, string kept, Exception? inner)
    : Exception($"{message}\njournal and logs: {kept}", inner);
