using ReferralHub.Cryptography.Encodings;
using ReferralHub.Demo;
using ReferralHub.Demo.Stories;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.SystemTests.Faults;

/// <summary>
/// Compares, once everything has come to rest, what was promised with what came of it, out of both gateways' own records and the hub's:
/// what was acknowledged is what took effect, each once (delivery.md's invariants I1 to I4).
/// </summary>
internal sealed class Checker(Stage stage, Ledger ledger, DirectDesk direct)
{
    private const int Sample = 5;

    private static readonly HandoffAct[] Path =
        [HandoffAct.Delivered, HandoffAct.Acknowledged, HandoffAct.Accepted, HandoffAct.Completed, HandoffAct.LoopClosed];

    private readonly List<string> _wrong = [];
    private int _lost;
    private int _doubled;

    public async Task<Findings> Check(CancellationToken ct)
    {
        var cast = stage.Cast;
        var sender = await GatewayRecords.Of(cast.Police, ct);
        var recipient = await GatewayRecords.Of(cast.Shelter, ct);
        var hub = await HubRecords.Of(cast.Hub, ct);

        foreach (var (name, ours, theirs, agency) in new[] { ("sender", sender, recipient, cast.Police), ("recipient", recipient, sender, cast.Shelter) })
        {
            Told(name, ours, theirs, hub);
            Fed(name, ours, hub.Feeds.GetValueOrDefault(agency.Id) ?? []);
            Wrong(ours.Waiting == 0, $"{ours.Waiting} statements wait in the {name}'s outbox");
            foreach (var alarm in ours.Alarms) Wrong(false, $"the {name}'s gateway raised an alarm: {alarm}");
        }

        Kept(sender, recipient);
        Ended(sender, recipient, hub);
        await Direct(hub, ct);
        Wrong(hub is { Waiting: 0, Parked: 0, Unlogged: 0 }, $"the hub has {hub.Waiting} messages waiting, {hub.Parked} parked, {hub.Unlogged} events unlogged");
        await Queues(ct);
        foreach (var (answer, times) in ledger.Answers.Where(answer => IsWrong(answer.Key))) Wrong(false, $"{times} times a gateway answered {answer}");

        var logs = await cast.Hub.Ask(ct, "log", "verify", "--full"); // throws unless they verify
        var proved = await Prove(sender.States, ct);
        return new(sender.States.Count, direct.Closed.Count, ledger.Promised.Count + direct.Acknowledged.Count, hub.Statements.Count, _lost, _doubled, logs.GetProperty("directory").GetInt64(), logs.GetProperty("audit").GetInt64(), proved, _wrong);
    }

    // A promise is kept where the gateway that gave it says that the hub has taken it.
    private void Kept(GatewayRecords sender, GatewayRecords recipient)
    {
        foreach (var promised in ledger.Promised)
        {
            var kept = sender.Statements.GetValueOrDefault(promised) ?? recipient.Statements.GetValueOrDefault(promised);
            if (kept is not { Fate: Fate.Effective }) Lose($"statement {promised} was promised and is {kept?.Fate.ToString() ?? "gone"}");
        }

        _doubled += ledger.Promised.Count - ledger.Promised.Distinct().Count();
    }

    // What we say took effect is at the hub and at the other side; what the hub has of us is what we say.
    private void Told(string name, GatewayRecords ours, GatewayRecords theirs, HubRecords hub)
    {
        foreach (var said in ours.Statements.Values.Where(s => s is { IsOurs: true, Referral: not null }))
        {
            var atHub = hub.Statements.ContainsKey(said.Id);
            if (said.Fate == Fate.Effective && !atHub) Lose($"{Text(said)} of the {name} is not at the hub");
            if (said.Fate == Fate.Refused) Wrong(false, $"{Text(said)} of the {name} was refused");
            if (atHub && !theirs.Statements.ContainsKey(said.Id)) Lose($"{Text(said)} of the {name} did not come to the other side");
        }
    }

    // Dense from one, nothing twice, and all of it taken.
    private void Fed(string name, GatewayRecords ours, IReadOnlyList<(long Position, Digest Statement)> feed)
    {
        Wrong(feed.Select(item => item.Position).SequenceEqual(Enumerable.Range(1, feed.Count).Select(n => (long)n)), $"the {name}'s feed has a gap");
        Wrong(ours.FeedPosition == feed.Count, $"the {name} has read {ours.FeedPosition} of {feed.Count} items");
        _doubled += feed.Count - feed.Select(item => item.Statement).Distinct().Count();
        foreach (var (position, statement) in feed)
        {
            if (!ours.Statements.ContainsKey(statement)) Lose($"item {position} of the {name}'s feed is not in its records");
        }
    }

    private void Ended(GatewayRecords sender, GatewayRecords recipient, HubRecords hub)
    {
        var effects = sender.Statements.Values.Where(s => s.Fate == Fate.Effective).ToLookup(s => s.Referral);
        foreach (var (id, state) in sender.States)
        {
            var states = (state, recipient.States.GetValueOrDefault(id), hub.States.GetValueOrDefault(id));
            if (states != (HandoffState.LoopClosed, HandoffState.LoopClosed, HandoffState.LoopClosed)) Lose($"referral {id} ended as {states}");
            foreach (var act in Path)
            {
                var times = effects[id].Count(s => s.Act == act);
                if (times > 1) Wrong(false, $"referral {id} was {Code.Text(act)} {times} times", ref _doubled, times - 1);
            }
        }

        Wrong(sender.States.Count == recipient.States.Count && sender.States.Count + direct.Closed.Count == hub.States.Count,
            $"{sender.States.Count} + {direct.Closed.Count} referrals were sent, the hub has {hub.States.Count}, {recipient.States.Count} came");
        var known = sender.Statements.Keys.Concat(recipient.Statements.Keys).ToHashSet();
        var apart = direct.Closed.ToHashSet();
        foreach (var id in hub.Statements.Where(s => !known.Contains(s.Key) && !apart.Contains(s.Value)).Select(s => s.Key)) Wrong(false, $"the hub has {id}, of which no gateway knows", ref _doubled, 1);
    }

    // What the hub answered 2xx it has, and told the other once; a referral without a gateway has ended by six statements and one fetch.
    private async Task Direct(HubRecords hub, CancellationToken ct)
    {
        var (one, other) = (direct.Pair.Sender, direct.Pair.Recipient);
        foreach (var (by, to) in new[] { (one, other), (other, one) })
        {
            var feed = await DirectDesk.ReadFeed(to, ct);
            var told = feed.ToHashSet();
            if (feed.Count > told.Count) Wrong(false, $"{feed.Count - told.Count} items are in the feed of {to.Id} again", ref _doubled, feed.Count - told.Count);
            foreach (var (_, statement) in direct.Acknowledged.Where(said => said.By == by.Id))
            {
                if (!hub.Statements.ContainsKey(statement)) Lose($"{statement} of {by.Id} was acknowledged and is not at the hub");
                else if (!told.Contains(statement)) Lose($"{statement} of {by.Id} did not come to {to.Id}");
            }
        }

        foreach (var id in direct.Closed.Where(id => hub.States.GetValueOrDefault(id) != HandoffState.LoopClosed)) Lose($"referral {id} was closed and is {hub.States.GetValueOrDefault(id)}");
        var acknowledged = direct.Acknowledged.Select(said => said.Statement).ToHashSet();
        var apart = direct.Closed.ToHashSet();
        var more = hub.Acts.Where(s => apart.Contains(s.Referral) && !acknowledged.Contains(s.Statement)).ToList();
        if (more.Count > 0) Wrong(false, $"{more.Count} statements took effect that nobody has an answer for", ref _doubled, more.Count);
    }

    private async Task Queues(CancellationToken ct)
    {
        if (stage.Rabbit is not { } rabbit) return;
        await using var connection = await rabbit.Connect(stage.Settings!.Rabbitmq.VirtualHost, ct);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: ct);
        foreach (var queue in new[] { "tell-agency", Hub.Outbox.Broker.DeadLetters("tell-agency") })
        {
            var left = await channel.MessageCountAsync(queue, ct);
            Wrong(left == 0, $"{left} messages are left in the queue {queue}");
        }
    }

    // First, last, and some between.
    private async Task<int> Prove(IReadOnlyDictionary<Guid, HandoffState> referrals, CancellationToken ct)
    {
        var ids = referrals.Keys.Order().ToList();
        var sample = Enumerable.Range(0, Math.Min(Sample, ids.Count)).Select(i => ids[i * (ids.Count - 1) / Math.Max(1, Math.Min(Sample, ids.Count) - 1)]).Distinct().ToList();
        foreach (var id in sample) await Evidence.Take(stage.Cast, new(WireId.Text(id), stage.Cast.Police, "loop-closed"), Narrator.Silent, ct);
        return sample.Count;
    }

    // While the database is away the hub refuses for the time being, and a gateway that was asked to look hands that on.
    private static bool IsWrong(string answer) =>
        answer.StartsWith("broken", StringComparison.Ordinal) || (answer.StartsWith("hub-refused", StringComparison.Ordinal) && answer is not "hub-refused store-failed");

    private static string Text(Kept said) => $"{Code.Text(said.Kind)} {said.Id} about {said.Referral}";

    private void Lose(string what) => Wrong(false, what, ref _lost, 1);

    private void Wrong(bool holds, string what)
    {
        var none = 0;
        Wrong(holds, what, ref none, 0);
    }

    private void Wrong(bool holds, string what, ref int count, int more)
    {
        if (holds) return;
        count += more;
        _wrong.Add(what);
        stage.Journal.Write($"WRONG: {what}");
    }
}
