using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Demo;
using ReferralHub.Demo.Stories;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.SystemTests.Faults;

/// <summary>
/// The people of one agency: they look at what its gateway has, and do what is due. They go by its records alone, so nothing of their
/// work depends on an answer that a crash took away.
/// </summary>
internal sealed class Desk(AgencyNode agency, Ledger ledger, Journal journal) : IDisposable
{
    private const int AtOnce = 4;
    private const int Looked = 32;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly HandoffState[] Owed = [HandoffState.Delivered, HandoffState.Acknowledged, HandoffState.Accepted];

    private readonly DataFolder _folder = new(agency.Data);
    private readonly Local _gateway = new(new DataFolder(agency.Data));
    private readonly Handle _by = Handle.Parse(agency.Worker);

    /// <summary>How many have ended.</summary>
    public int Closed { get; private set; }

    /// <summary>How many have not ended, of those that this agency has.</summary>
    public int Open { get; private set; } = -1;

    /// <summary>How many referrals this desk keeps going at once by sending new ones.</summary>
    public int Keeps { get; set; }

    /// <summary>To whom and under which consent.</summary>
    public (AgencyId To, Guid Consent)? Sends { get; init; }

    public async Task Work(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var acts = await Look();
            if (acts.Count == 0)
            {
                await Try(Sync);
                await Task.Delay(Pause, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await Parallel.ForEachAsync(acts, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (act, _) => await Try(act));
        }
    }

    public void Dispose() => _gateway.Dispose();

    // In the gateway's own records: what is to be done next, by the state and by the parts that are here.
    private async Task<IReadOnlyList<Func<Task>>> Look()
    {
        await using var db = new GatewayDb(GatewayDb.At(_folder.Database));
        Closed = await db.Referrals.CountAsync(r => r.State == HandoffState.LoopClosed);
        Open = await db.Referrals.CountAsync(r => r.State != HandoffState.LoopClosed);
        var due = await db.Referrals.AsNoTracking()
            .Where(r => r.Role == Party.Recipient ? Owed.Contains(r.State) : r.State == HandoffState.Completed).OrderBy(r => r.Kept).Take(Looked)
            .Select(r => new { r.Id, r.Role, r.State, Held = db.Parts.Where(p => p.Referral == r.Id && p.Held).Select(p => p.Part).ToList() }).ToListAsync();
        List<Func<Task>> acts = [];
        foreach (var referral in due)
        {
            var path = $"referrals/{WireId.Text(referral.Id)}/";
            Func<Task>? next = (referral.Role, referral.State) switch
            {
                (Party.Recipient, HandoffState.Delivered) => () => Act(path + "acknowledge", new PlainActs.Request(_by)),
                (Party.Recipient, HandoffState.Acknowledged) => () => Act(path + "accept", new Accept.Request(_by, Now.AddHours(4))),
                (Party.Recipient, HandoffState.Accepted) when referral.Held.Contains(Part.Record) => () => Finish(path),
                (Party.Sender, HandoffState.Completed) when referral.Held.Contains(Part.Note) => () => Act(path + "close", new Close.Request(_by)),
                _ => null,
            };
            if (next is not null) acts.Add(next);
        }

        acts.AddRange(Enumerable.Repeat(Send, Math.Clamp(Keeps - Open, 0, AtOnce)));
        return acts;
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private async Task Sync() => await _gateway.PostAsync<Sync.Done>("sync", new { }, CancellationToken.None);

    private async Task Finish(string path)
    {
        await _gateway.PostAsync<OpenRecord.Opened>(path + "open", new OpenRecord.Request(_by), CancellationToken.None);
        await Act(path + "complete", new Complete.Request(_by, Outcome.NeedsMet, "SYNTHETIC"));
    }

    private async Task Send()
    {
        var (to, consent) = Sends!.Value;
        var file = JsonSerializer.Deserialize<ReferralFile>(Papers.Referral(Now), LocalJson.Options)!;
        var request = new SendReferral.Request(file, to, consent, _by);
        using var body = new FramedContent(JsonSerializer.SerializeToUtf8Bytes(request, LocalJson.Options), []);
        ledger.Promise((await _gateway.SendAsync<SendReferral.Sent>(HttpMethod.Post, "referrals", body, CancellationToken.None)).Statement);
    }

    private async Task Act(string path, object request) =>
        ledger.Promise((await _gateway.PostAsync<Acted>(path, request, CancellationToken.None)).Statement);

    // Whatever comes instead of a good answer promises nothing: the next look tells what became of it.
    private async Task Try(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (RefusedException e)
        {
            ledger.Note(string.Join(' ', [Code.Text(e.Refusal), .. e.Reasons]));
        }
        catch (CommandException e)
        {
            ledger.Note(e.Error);
            if (e.Error != "not-running") journal.Write($"{agency.Id} answered {e.Error}");
            await Task.Delay(Pause);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            ledger.Note("cut");
        }
    }
}
