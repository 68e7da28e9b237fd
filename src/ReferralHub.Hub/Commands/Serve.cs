using System.CommandLine;
using System.Net;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Identity;

namespace ReferralHub.Hub.Commands;

/// <summary><c>referralhub serve</c>: runs the hub until it is told to stop.</summary>
internal static class Serve
{
    private static readonly Option<string?> Listen = new("--listen") { Description = "ADDRESS:PORT; without it the port of --url on 127.0.0.1" };

    public static Command Make() => new Command("serve", "Run the hub") { Listen }.Does((parse, ct) => Run(parse.GetValue(Shell.Data)!, parse.GetValue(Listen), ct));

    private static async Task<Answer> Run(string root, string? listen, CancellationToken ct)
    {
        var data = new DataFolder(root);
        var settings = data.ReadSettings();
        var endpoint = ReadEndpoint(listen, settings);
        using var only = Lock(data);
        await using var app = HubApp.Build(data, (kestrel, services) => kestrel.Listen(endpoint, services.GetRequiredService<Tls>().Use));
        await using (var scope = app.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<HubDb>();
            await Shell.Prepare(db, ct);
            await scope.ServiceProvider.GetRequiredService<Agencies>().Now(db, ct);
        }

        try
        {
            await app.StartAsync(ct);
        }
        catch (IOException e)
        {
            throw new SettingsException("--listen", endpoint.ToString(), $"{e.Message} Choose another address or port.");
        }

        await app.WaitForShutdownAsync(ct);
        return app.Services.GetRequiredService<SequencerLoop>().Fatal is { } fatal
            ? new(new { error = fatal.Message }, fatal.Message, Shell.Broken)
            : new(new { stopped = true }, "stopped");
    }

    // The kernel drops it with the process, however that ends.
    private static FileStream Lock(DataFolder data)
    {
        try
        {
            return new FileStream(data.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
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
