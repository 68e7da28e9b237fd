using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using ReferralHub.Hub.Identity;
using ReferralHub.Hub.Metrics;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Restoring;

namespace ReferralHub.Hub.Commands;

/// <summary><c>referralhub serve</c>: runs the hub until it is told to stop.</summary>
internal static class Serve
{
    private const int Full = 28; // ENOSPC
    private const int ReadOnly = 30; // EROFS

    private static readonly Option<string?> Listen = new("--listen") { Description = "ADDRESS:PORT; without it the port of --url on 127.0.0.1" };

    private static readonly Option<string?> Metrics = new("--metrics") { Description = "ADDRESS:PORT of this machine alone, where http://ADDRESS:PORT/metrics shows what is counted" };

    private static readonly Option<string?> Otlp = new("--otlp") { Description = "URL of an OpenTelemetry collector that takes OTLP over HTTP, as in http://127.0.0.1:4318/v1/metrics" };

    public static Command Make() => new Command("serve", "Run the hub") { Listen, Metrics, Otlp }.Does((parse, ct) => Run(
        parse.GetValue(Shell.Data)!, parse.GetValue(Listen), new(parse.GetValue(Metrics), parse.GetValue(Otlp)), ct));

    private static async Task<Answer> Run(string root, string? listen, MetricsSettings metrics, CancellationToken ct)
    {
        var data = new DataFolder(root);
        var settings = data.ReadSettings();
        var endpoint = ReadEndpoint(listen, settings);
        using var only = Lock(data);
        // A restored backup gathers first; once its log is open the same process is the hub.
        while (await Shell.Open(data, async (_, db) => await Restoration.Gathering(db, ct) is not null))
        {
            if (await Run(data, endpoint, metrics, gathers: true, ct) is { } ended) return ended;
        }

        return await Run(data, endpoint, metrics, gathers: false, ct) ?? new(new { stopped = true }, "stopped");
    }

    // Null when it was told to stop by what it waits for.
    private static async Task<Answer?> Run(DataFolder data, IPEndPoint endpoint, MetricsSettings metrics, bool gathers, CancellationToken ct)
    {
        await using var app = HubApp.Build(
            data,
            services =>
            {
                services.AddOptions<KestrelServerOptions>().Configure<Tls>((kestrel, tls) => kestrel.Listen(endpoint, tls.Use));
                metrics.Add(services);
            },
            gathers);
        await using (var scope = app.Services.CreateAsyncScope()) await Prepare(scope.ServiceProvider, ct);

        try
        {
            await app.StartAsync(ct);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Of what is taken Kestrel says which of the two it is.
            var (option, address) = metrics.Page is { } page && e.Message.Contains($"//{page}:", StringComparison.Ordinal) ? ("--metrics", page) : ("--listen", endpoint);
            throw new SettingsException(option, address.ToString(), $"{e.Message}. Choose another address or port.");
        }

        await app.WaitForShutdownAsync(ct);
        if (gathers && app.Services.GetServices<IHostedService>().OfType<AwaitOpening>().Single().IsOpen) return null;
        return app.Services.GetRequiredService<Fatal>().Cause is { } fatal
            ? new(new { error = fatal.Message }, fatal.Message, Shell.Broken)
            : new(new { stopped = true }, "stopped");
    }

    /// <summary>Finds out now what would otherwise go wrong later.</summary>
    /// <exception cref="SettingsException">Something in the data folder does not fit.</exception>
    internal static async Task Prepare(IServiceProvider services, CancellationToken ct)
    {
        var db = services.GetRequiredService<HubDb>();
        await Shell.Prepare(db, ct);
        if (services.GetService<Broker>() is { } broker && await broker.Check(services.GetRequiredService<Messages>(), ct) is { } away)
            await Console.Error.WriteLineAsync($"{away.Message} Until then messages wait in the outbox.");
        await KeyMatch.Require(services, db, ct);
    }

    // The kernel drops it with the process, however that ends.
    private static FileStream Lock(DataFolder data)
    {
        try
        {
            return new FileStream(data.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is UnauthorizedAccessException || e.HResult is ReadOnly or Full)
        {
            throw new SettingsException("--data", data.Root, $"It cannot be written ({e.Message}): run the hub as the user that owns it, on a disk with room.");
        }
        catch (IOException)
        {
            throw new SettingsException("--data", data.Root, "Another server runs on this folder: stop it, or choose another folder.");
        }
    }

    private static IPEndPoint ReadEndpoint(string? listen, HubSettings settings)
    {
        if (listen is null) return new(IPAddress.Loopback, new Uri(settings.Url).Port);
        return IPEndPoint.TryParse(listen, out var endpoint) && endpoint.Port > 0
            ? endpoint
            : throw new SettingsException("--listen", listen, "Give ADDRESS:PORT, as in 0.0.0.0:7443.");
    }
}
