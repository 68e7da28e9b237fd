using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ReferralHub.SystemTests.Servers;

/// <summary>Debian's RabbitMQ, with virtual hosts made in advance, since each call of rabbitmqctl takes seconds.</summary>
internal sealed class RabbitServer : Server
{
    public const string User = "hub";
    private const int VirtualHosts = 12;

    private readonly string _password = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
    private readonly int _distribution = FreePort();
    private readonly int _epmd = FreePort();
    private Process? _names;

    public RabbitServer(string folder)
        : base(folder, "rabbitmq", "rabbitmq")
    {
    }

    public string PasswordFile => Path.Combine(Folder, "password");

    protected override string PidFile => Path.Combine(Folder, "node.pid");

    public static string VirtualHost(int number) => $"hub-{number % VirtualHosts}";

    /// <summary>Makes the server's data, and starts it.</summary>
    public async Task Make(CancellationToken ct)
    {
        foreach (var folder in new[] { "home", "mnesia", "log" }) Directory.CreateDirectory(Path.Combine(Folder, folder));
        await File.WriteAllTextAsync(PasswordFile, _password, ct);
        var cookie = Path.Combine(Folder, "home", ".erlang.cookie");
        await File.WriteAllTextAsync(cookie, Convert.ToHexString(RandomNumberGenerator.GetBytes(16)), ct);
        File.SetUnixFileMode(cookie, UnixFileMode.UserRead);
        await File.WriteAllTextAsync(Path.Combine(Folder, "enabled_plugins"), "[].", ct);
        await File.WriteAllTextAsync(Path.Combine(Folder, "definitions.json"), Definitions(), ct);
        await File.WriteAllTextAsync(
            Path.Combine(Folder, "rabbitmq.conf"),
            $"""
            listeners.tcp.1 = 127.0.0.1:{Port}
            load_definitions = {Folder}/definitions.json
            disk_free_limit.absolute = 50MB
            log.console = false

            """,
            ct);
        await Own(ct);
        // The node would start a name server of its own that outlives it.
        var names = AsUser("bash", ["-c", "\"$@\" <&- & read -r _; kill $!", "keeper", "epmd", "-address", "127.0.0.1", "-port", $"{_epmd}"]);
        names.RedirectStandardInput = true;
        foreach (var (name, value) in Environs()) names.Environment[name] = value;
        _names = Process.Start(names);
        await Start(ct);
    }

    /// <summary>Connects as the hub's user.</summary>
    public Task<IConnection> Connect(string virtualHost, CancellationToken ct) => new ConnectionFactory
    {
        HostName = "127.0.0.1",
        Port = Port,
        VirtualHost = virtualHost,
        UserName = User,
        Password = _password,
        AutomaticRecoveryEnabled = false,
    }.CreateConnectionAsync(ct);

    protected override IEnumerable<string> CommandLine() => ["/usr/lib/rabbitmq/bin/rabbitmq-server", "-noinput"];

    protected override IEnumerable<(string Name, string Value)> Environs() =>
    [
        ("HOME", Path.Combine(Folder, "home")),
        ("LANG", "C.UTF-8"),
        ("RABBITMQ_CONF_ENV_FILE", Path.Combine(Folder, "none")),
        ("RABBITMQ_NODENAME", $"rh{Port}@localhost"),
        ("RABBITMQ_CONFIG_FILE", Path.Combine(Folder, "rabbitmq.conf")),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", Path.Combine(Folder, "enabled_plugins")),
        ("RABBITMQ_MNESIA_BASE", Path.Combine(Folder, "mnesia")),
        ("RABBITMQ_LOG_BASE", Path.Combine(Folder, "log")),
        ("RABBITMQ_PID_FILE", PidFile),
        ("RABBITMQ_DIST_PORT", $"{_distribution}"),
        ("ERL_EPMD_PORT", $"{_epmd}"),
        ("ERL_EPMD_ADDRESS", "127.0.0.1"),
        ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}"),
    ];

    protected override async Task<bool> Answers(CancellationToken ct)
    {
        if (!await base.Answers(ct)) return false;
        try
        {
            await using var connection = await Connect(VirtualHost(VirtualHosts - 1), ct);
            return true;
        }
        catch (BrokerUnreachableException)
        {
            return false; // it is still coming up
        }
    }

    protected override async ValueTask Disposing()
    {
        if (_names is null) return;
        _names.StandardInput.Close();
        await _names.WaitForExitAsync();
        _names.Dispose();
    }

    private string Definitions()
    {
        var hosts = Enumerable.Range(0, VirtualHosts).Select(VirtualHost).ToList();
        return JsonSerializer.Serialize(new
        {
            users = new[] { new { name = User, password = _password, tags = "" } },
            vhosts = hosts.Select(name => new { name }),
            permissions = hosts.Select(vhost => new { user = User, vhost, configure = ".*", write = ".*", read = ".*" }),
        });
    }
}
