using ReferralHub.Demo.Servers;

namespace ReferralHub.Demo.Local;

/// <summary>RabbitMQ of Debian, run as docker-compose.yml says.</summary>
internal sealed class DebianRabbit(string folder, ComposeService service, string settings, string secrets) : RabbitNode(folder)
{
    // Debian's own in the path are for root alone and change the user.
    private const string Programs = "/usr/lib/rabbitmq/bin";

    private Places Places => new(("/etc/referralhub", Folder), ("/run/secrets", Folder), ("0.0.0.0:5671", $"127.0.0.1:{Port}"));

    /// <summary>Makes its folders and starts it.</summary>
    public async Task Make(CancellationToken ct)
    {
        foreach (var secret in service.Secrets) File.Copy(Path.Combine(secrets, secret), Path.Combine(Folder, secret));
        File.Copy(Path.Combine(settings, "definitions.json"), Path.Combine(Folder, "definitions.json"));
        await Make(
            Places.Here(await File.ReadAllTextAsync(Path.Combine(settings, "rabbitmq.conf"), ct)),
            await File.ReadAllTextAsync(Path.Combine(settings, "enabled_plugins"), ct),
            ct);
        await Start(ct);
    }

    /// <summary>Asks it as its health check does; throws when it is not well.</summary>
    public Task Check(CancellationToken ct) => Run("env", Places.Here(service.Healthcheck.Command), ct);

    protected override IEnumerable<string> CommandLine() => Places.Here(service.Command);

    protected override IEnumerable<(string Name, string Value)> Environs() =>
    [
        .. base.Environs(),
        ("PATH", $"{Programs}:{Environment.GetEnvironmentVariable("PATH")}"),
        .. service.Environment.Select(variable => (variable.Key, Places.Here(variable.Value))),
    ];

    // Its port opens last, and its check takes seconds.
    protected override async Task<bool> Answers(CancellationToken ct) => await base.Answers(ct) && await Succeeds(Check, ct);
}
