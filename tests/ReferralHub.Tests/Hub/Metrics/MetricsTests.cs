using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using ReferralHub.Hub;
using ReferralHub.Hub.Metrics;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Metrics;

/// <summary>What is counted, and that nobody can be followed by it.</summary>
public sealed partial class MetricsTests
{
    private const int Port = 9464;

    // Every name that may be there, and every label with every value that it may have.
    private static readonly Dictionary<string, Dictionary<string, HashSet<string>>> Allowed = new()
    {
        ["referralhub_requests_total"] = new()
        {
            ["route"] = [.. EndpointTests.Table.Select(row => row.Data.Item1.Split(' ')[1]), "none"],
            ["status"] = [.. Enumerable.Range(100, 500).Select(status => $"{status}")],
        },
        ["referralhub_statements_total"] = new() { ["kind"] = [.. Code.All<StatementKind>()] },
        ["referralhub_refusals_total"] = new() { ["type"] = [.. Code.All<Refusal>(), "other"] },
        ["referralhub_outbox_waiting"] = [],
        ["referralhub_outbox_age_seconds"] = [],
        ["referralhub_outbox_parked"] = [],
        ["referralhub_log_waiting"] = [],
        ["referralhub_log_age_seconds"] = [],
        ["referralhub_overdue"] = new() { ["clock"] = [.. Code.All<ClockKind>()] },
        ["referralhub_uploads"] = [],
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_a_handoff_there_are_these_names_these_labels_and_these_values_and_no_others()
    {
        await using var field = await TestField.Start();
        using var page = new MetricsPage(field.Hub.Services.GetRequiredService<HubMeters>());
        await field.Handoff(HandoffState.LoopClosed);
        field.Clock.Now += TimeSpan.FromSeconds(90);
        await field.Use(async db =>
        {
            await Measure.Look(db, field.Hub.Services.GetRequiredService<HubMeters>(), field.Hub.Uploads, Ct);
            return true;
        });

        var lines = Read(page.Write());

        Assert.Equal(1, lines["referralhub_statements_total{kind=\"referral\"}"]);
        Assert.True(lines["referralhub_statements_total{kind=\"acknowledgement\"}"] >= 4);
        Assert.Equal(1, lines["referralhub_statements_total{kind=\"sender-act\"}"]);
        Assert.True(lines["referralhub_outbox_waiting"] >= 6, "nobody relays here");
        Assert.Equal(90, lines["referralhub_outbox_age_seconds"]);
        Assert.Equal(0, lines["referralhub_outbox_parked"]);
        Assert.True(lines["referralhub_log_waiting"] >= 6, "nobody sequences here");
        Assert.Equal(0, lines["referralhub_uploads"]);
        Assert.All(Code.All<ClockKind>(), clock => Assert.Equal(0, lines[$"referralhub_overdue{{clock=\"{clock}\"}}"]));
        OnlyAllowed(page.Write());
    }

    [Fact]
    public async Task A_missed_clock_is_counted_by_its_class()
    {
        await using var field = await TestField.Start();
        using var page = new MetricsPage(field.Hub.Services.GetRequiredService<HubMeters>());
        await field.Handoff(HandoffState.Delivered);
        field.Clock.Now += TimeSpan.FromDays(20);
        await field.Use(async db =>
        {
            await Measure.Look(db, field.Hub.Services.GetRequiredService<HubMeters>(), field.Hub.Uploads, Ct);
            return true;
        });

        Assert.Equal(1, Read(page.Write())["referralhub_overdue{clock=\"acknowledge\"}"]);
    }

    [Fact]
    public async Task Requests_are_counted_by_the_template_of_their_route_and_refusals_by_their_type()
    {
        await using var hub = await TestHub.Start();
        using var police = await hub.Join("police-7", AgencyKind.Police);
        await Audit.SequencerTests.RunAll(hub);
        await using var server = new TestPipeline(hub, new MetricsSettings($"127.0.0.1:{Port}", null).Add);
        const string referral = "01932e5c-0000-7000-8000-000000000001";
        await server.Send("GET", "/health/live");
        await server.Send("GET", $"/v1/referrals/{referral}/evidence", police.Certificate);
        await server.Send("GET", $"/v1/{referral}");
        await server.Send("GET", "/v1/feed");

        var page = await server.Send("GET", "/metrics", port: Port);
        var lines = Read(page.Body);

        Assert.Equal(1, lines["referralhub_requests_total{route=\"/health/live\",status=\"200\"}"]);
        Assert.Equal(1, lines["referralhub_requests_total{route=\"/v1/referrals/{ref}/evidence\",status=\"404\"}"]);
        Assert.Equal(1, lines["referralhub_requests_total{route=\"none\",status=\"404\"}"]);
        Assert.Equal(2, lines["referralhub_refusals_total{type=\"not-found\"}"]);
        Assert.Equal(1, lines["referralhub_refusals_total{type=\"not-joined\"}"]);
        Assert.DoesNotContain(referral, page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("police-7", page.Body, StringComparison.Ordinal);
        OnlyAllowed(page.Body);
    }

    [Fact]
    public async Task The_page_is_on_its_own_port_and_nothing_else_is_there()
    {
        await using var hub = await TestHub.Start();
        await using var server = new TestPipeline(hub, new MetricsSettings($"127.0.0.1:{Port}", null).Add);

        Assert.Equal(StatusCodes.Status404NotFound, (await server.Send("GET", "/metrics")).Status);
        Assert.Equal(StatusCodes.Status404NotFound, (await server.Send("GET", "/health/live", port: Port)).Status);
        Assert.Equal(StatusCodes.Status404NotFound, (await server.Send("POST", "/metrics", port: Port)).Status);
        Assert.Equal(StatusCodes.Status200OK, (await server.Send("GET", "/metrics", port: Port)).Status);
    }

    [Fact]
    public async Task A_collector_gets_the_same_names_and_no_others()
    {
        var got = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var collector = builder.Build();
        collector.MapPost("/v1/metrics", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, Ct);
            got.TrySetResult(body.ToArray());
        });
        await collector.StartAsync(Ct);
        var services = new ServiceCollection().AddLogging().AddMetrics().AddSingleton<HubMeters>();
        new MetricsSettings(null, $"{collector.Urls.Single()}/v1/metrics").Add(services);
        await using var hub = services.BuildServiceProvider(true);
        var provider = hub.GetRequiredService<MeterProvider>();

        hub.GetRequiredService<HubMeters>().Took(StatementKind.Referral);
        Assert.True(provider.ForceFlush(30_000));

        var sent = Encoding.Latin1.GetString(await got.Task.WaitAsync(TimeSpan.FromSeconds(30), Ct));
        Assert.Contains("referralhub.statements", sent, StringComparison.Ordinal);
        Assert.DoesNotContain(Environment.MachineName, sent, StringComparison.Ordinal);
        Assert.All(Dotted().Matches(sent), name => Assert.Contains(name.Value.Replace('.', '_'), string.Join(' ', Allowed.Keys), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0.0.0.0:9464", null)]
    [InlineData("10.0.0.7:9464", null)]
    [InlineData("127.0.0.1", null)]
    [InlineData(null, "http://collector.example:4318/v1/metrics")]
    [InlineData(null, "collector")]
    public void Nothing_is_shown_or_sent_to_another_machine_in_the_clear(string? page, string? collector) =>
        Assert.Throws<SettingsException>(() => new MetricsSettings(page, collector));

    [Fact]
    public void The_table_for_operators_has_every_name()
    {
        var told = File.ReadLines(Path.Combine(Vectors.Root(), "docs", "operations.md"))
            .SkipWhile(line => line != "## Metrics").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(line => line.StartsWith("| `referralhub_", StringComparison.Ordinal)).Select(line => line.Split('`')[1]);

        Assert.Equal(Allowed.Keys.Order(), told.Order());
    }

    private static void OnlyAllowed(string page)
    {
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), page.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2]).Order(StringComparer.Ordinal));
        foreach (var series in Read(page).Keys)
        {
            var labels = Allowed[series.Split('{')[0]];
            var found = Label().Matches(series).ToDictionary(match => match.Groups["key"].Value, match => match.Groups["value"].Value);
            Assert.Equal(labels.Keys.Order(), found.Keys.Order());
            Assert.All(found, label => Assert.Contains(label.Value, labels[label.Key]));
        }
    }

    private static Dictionary<string, double> Read(string page) => page.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#'))
        .ToDictionary(line => line[..line.LastIndexOf(' ')], line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));

    [GeneratedRegex(@"(referralhub|http|dotnet|process)\.[a-z.]+")]
    private static partial Regex Dotted();

    [GeneratedRegex("(?<key>[a-z]+)=\"(?<value>[^\"]*)\"")]
    private static partial Regex Label();
}
