using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using ReferralHub.Demo;
using ReferralHub.Demo.Processes;
using ReferralHub.Hub;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.SystemTests.Faults;
using static ReferralHub.SystemTests.Embedded.Typing;

namespace ReferralHub.SystemTests.Embedded;

/// <summary>What operators and coordinators type that stands in no story: health and metrics, what the hub could not take, and what is wrong with its files.</summary>
[Trait("group", "embedded"), Trait("when", "named")]
[Collection(nameof(SharedPair))]
public sealed class HubShellTests(SharedPair shared)
{
    private const string Operator = "opr0001", Coordinator = "crd0001", Auditor = "aud0001";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_and_metrics_are_those_of_the_server_that_runs()
    {
        var hub = (await shared.Meet(Ct)).Hub;
        var (page, elsewhere) = ($"127.0.0.1:{Loopback.FreePort()}", $"127.0.0.1:{Loopback.FreePort()}");
        await hub.Server.Stop();
        await hub.Forget();
        Assert.Contains($"nothing of this hub's answers at localhost:{hub.Port}: ", await Say(hub, 1, "health"), StringComparison.Ordinal);
        Assert.Contains("--at = 'no where'", await Say(hub, 2, "health", "--at", "no where"), StringComparison.Ordinal);
        Assert.Contains("--metrics = '0.0.0.0:9464'", await Say(hub, 2, "serve", "--metrics", "0.0.0.0:9464"), StringComparison.Ordinal);
        using (var taken = new TcpListener(IPEndPoint.Parse(page)))
        {
            taken.Start();
            Assert.Contains($"--metrics = '{page}': ", await Say(hub, 2, "serve", "--metrics", page), StringComparison.Ordinal);
        }

        try
        {
            using var collector = new HttpListener { Prefixes = { $"http://{elsewhere}/" } };
            collector.Start();
            hub.Command = ["serve", "--data", hub.Data, "--metrics", page, "--otlp", $"http://{elsewhere}/v1/metrics"];
            await hub.Serve(Ct);
            Assert.Equal("ready", (await Say(hub, 0, "health")).TrimEnd());

            using var http = new HttpClient { BaseAddress = new Uri($"http://{page}") };
            var shown = await Until(async () => await http.GetStringAsync("metrics", Ct), text => text.Contains("\nreferralhub_uploads 0\n", StringComparison.Ordinal));
            Assert.Contains("\nreferralhub_requests_total{route=\"/health/ready\",status=\"200\"} 1\n", shown, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("health/ready", Ct)).StatusCode);
            Assert.Matches("(?s)^POST /v1/metrics .*referralhub.log.waiting", await Gathered(collector));
        }
        finally
        {
            hub.Command = null; // whoever meets it next starts it again
        }
    }

    [Fact]
    public async Task What_was_parked_is_given_back_or_given_up_and_who_decided_stands_in_the_trail()
    {
        var pair = await shared.Meet(Ct);
        var hub = pair.Hub;
        var referral = await pair.Prepare(Ct);
        await pair.Sender.Hub.PostAsync(referral, Ct);
        await Until(() => HubRecords.AreSettled(hub, Ct), settled => settled);
        await Park(hub, 1_000_001, referral, pair);
        Assert.Contains("1000001  by-hand  ", await Say(hub, 2, "outbox", "parked"), StringComparison.Ordinal);

        Assert.Contains("1 messages of by-hand are tried again", await Say(hub, 0, "outbox", "retry", "by-hand"), StringComparison.Ordinal);
        await Until(() => HubRecords.AreSettled(hub, Ct), settled => settled);
        Assert.Equal("none", (await Say(hub, 0, "outbox", "parked")).TrimEnd());
        Assert.Single(await DirectDesk.ReadFeed(pair.Recipient, Ct), told => told == referral.Id); // nobody is told twice

        await Park(hub, 1_000_002, referral, pair);
        Assert.Contains("dropped 1000002; ", await Say(hub, 0, "outbox", "drop", "1000002", "--by", Operator), StringComparison.Ordinal);
        Assert.Equal("none", (await Say(hub, 0, "outbox", "parked")).TrimEnd());
        Assert.Contains("message-dropped", await Say(hub, 0, "trail", "--as", Auditor, "--by", Operator), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_coordinator_names_another_agency_and_an_operator_looks_at_the_logs()
    {
        var pair = await shared.Meet(Ct);
        var hub = pair.Hub;
        using var third = await DirectAgency.Join(hub, "direct-ngo", AgencyKind.Ngo, Ct);
        var signed = await pair.Prepare(Ct);
        await pair.Sender.Hub.PostAsync(signed, Ct);
        var referral = WireId.Text(((Referral)signed.Statement).ReferralId);

        Assert.Contains(
            $"{referral}: alternates; both parties are told",
            await Say(hub, 0, "coordinator", "alternates", referral, "--as", Coordinator, "--agency", third.Id.ToString()), StringComparison.Ordinal);
        Assert.Contains(
            $"{referral}: nudged; both parties are told", await Say(hub, 0, "coordinator", "nudge", referral, "--as", Coordinator, "--party", "sender"), StringComparison.Ordinal);
        foreach (var (words, shown) in ((string[], string)[])[
            (["coordinator", "reviews", "--as", Coordinator], "nothing waits for a review"), (["agency", "pending"], "nobody waits"), (["agency", "list"], "direct-ngo (ngo) "),
            (["log", "status"], "\naudit     "), (["log", "verify"], "good: ")])
        {
            Assert.Contains(shown, await Say(hub, 0, words), StringComparison.Ordinal);
        }

        using var folder = new TemporaryFolder();
        var nowhere = Path.Combine(folder.File("none"), "openapi.json");
        var said = await Say(hub, 1, "openapi", nowhere);
        Assert.Contains(nowhere, said, StringComparison.Ordinal);
        Assert.Single(said.Trim().Split('\n'));
    }

    private static async Task<string> Gathered(HttpListener collector)
    {
        var sent = await collector.GetContextAsync().WaitAsync(Soon, Ct);
        using var body = new StreamReader(sent.Request.InputStream, Encoding.Latin1);
        var text = await body.ReadToEndAsync(Ct);
        sent.Response.Close();
        return $"{sent.Request.HttpMethod} {sent.Request.RawUrl} {text}";
    }

    // As the relay does with what it can never deliver; but this one it can.
    private static async Task Park(HubNode hub, long seq, SignedStatement referral, DirectPair pair)
    {
        await using var services = new ServiceCollection().AddLogging().AddHub(new DataFolder(hub.Data)).BuildServiceProvider(true);
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<HubDb>();
        db.Add(new ParkedMessage
        {
            Seq = seq,
            MessageId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
            StreamId = "by-hand",
            Type = Messages.Name(typeof(StatementRecorded)),
            Body = StrictJson.Write(new StatementRecorded(referral.Id, pair.Recipient.Id)),
            Parked = TimeProvider.System.GetUtcNow(),
            Error = "JsonException",
        });
        await db.SaveChangesAsync(Ct);
    }

    private static async Task<T> Until<T>(Func<Task<T>> look, Func<T, bool> isIt)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(Soon);
        while (true)
        {
            var seen = await look();
            if (isIt(seen)) return seen;
            await Task.Delay(TimeSpan.FromMilliseconds(200), limit.Token);
        }
    }
}
