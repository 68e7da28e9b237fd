using System.Security.Cryptography;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using ReferralHub.Demo.Servers;

namespace ReferralHub.SystemTests.Servers;

/// <summary>Debian's RabbitMQ, with virtual hosts made in advance, since each call of rabbitmqctl takes seconds.</summary>
internal sealed class RabbitServer(string folder) : RabbitNode(folder)
{
    public const string User = "hub";
    private const int VirtualHosts = 12;

    private readonly string _password = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));

    public string PasswordFile => Path.Combine(Folder, "password");

    public static string VirtualHost(int number) => $"hub-{number % VirtualHosts}";

    /// <summary>Makes the server's data, and starts it.</summary>
    public async Task Make(CancellationToken ct)
    {
        await File.WriteAllTextAsync(PasswordFile, _password, ct);
        await File.WriteAllTextAsync(Path.Combine(Folder, "definitions.json"), Definitions(), ct);
        var configuration = $"""
            listeners.tcp.1 = 127.0.0.1:{Port}
            load_definitions = {Folder}/definitions.json
            disk_free_limit.absolute = 50MB
            log.console = false

            """;
        await Make(configuration, plugins: "[].", ct);
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
