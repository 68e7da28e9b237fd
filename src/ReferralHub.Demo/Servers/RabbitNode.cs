using System.Diagnostics;
using System.Security.Cryptography;
using ReferralHub.Demo.Processes;

namespace ReferralHub.Demo.Servers;

/// <summary>Debian's RabbitMQ: one node with a cookie, a distribution port and a name server of its own, all on the loopback address.</summary>
internal abstract class RabbitNode(string folder) : Server(folder, "rabbitmq", "rabbitmq")
{
    private readonly int _distribution = Loopback.FreePort();
    private readonly int _names = Loopback.FreePort();
    private Process? _keeper;

    protected override string PidFile => Path.Combine(Folder, "node.pid");

    protected string Configuration => Path.Combine(Folder, "rabbitmq.conf");

    protected string Plugins => Path.Combine(Folder, "enabled_plugins");

    /// <summary>Makes the node's folders and starts its name server.</summary>
    protected async Task Make(string configuration, string plugins, CancellationToken ct)
    {
        foreach (var folder in new[] { "home", "mnesia", "log" }) Directory.CreateDirectory(Path.Combine(Folder, folder));
        var cookie = Path.Combine(Folder, "home", ".erlang.cookie");
        await File.WriteAllTextAsync(cookie, Convert.ToHexString(RandomNumberGenerator.GetBytes(16)), ct);
        File.SetUnixFileMode(cookie, UnixFileMode.UserRead);
        await File.WriteAllTextAsync(Plugins, plugins, ct);
        await File.WriteAllTextAsync(Configuration, configuration, ct);
        await Own(ct);
        // The node would start a name server of its own that outlives it.
        var names = AsUser("bash", ["-c", "\"$@\" <&- & read -r _; kill $!", "keeper", "epmd", "-address", "127.0.0.1", "-port", $"{_names}"]);
        names.RedirectStandardInput = true;
        foreach (var (name, value) in Environs()) names.Environment[name] = value;
        _keeper = Process.Start(names);
    }

    protected override IEnumerable<(string Name, string Value)> Environs() =>
    [
        ("HOME", Path.Combine(Folder, "home")),
        ("LANG", "C.UTF-8"),
        ("RABBITMQ_CONF_ENV_FILE", Path.Combine(Folder, "none")),
        ("RABBITMQ_NODENAME", $"rh{Port}@localhost"),
        ("RABBITMQ_CONFIG_FILE", Configuration),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", Plugins),
        ("RABBITMQ_MNESIA_BASE", Path.Combine(Folder, "mnesia")),
        ("RABBITMQ_LOG_BASE", Path.Combine(Folder, "log")),
        ("RABBITMQ_PID_FILE", PidFile),
        ("RABBITMQ_DIST_PORT", $"{_distribution}"),
        ("ERL_EPMD_PORT", $"{_names}"),
        ("ERL_EPMD_ADDRESS", "127.0.0.1"),
        ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}"),
    ];

    protected override async ValueTask Disposing()
    {
        if (_keeper is null) return;
        _keeper.StandardInput.Close();
        await _keeper.WaitForExitAsync();
        _keeper.Dispose();
    }
}
