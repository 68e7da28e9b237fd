using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MassTransit;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ReferralHub.Hub.Outbox;

/// <summary>
/// RabbitMQ as the distributed engine uses it: for each consumer a quorum queue of its name with one active consumer, and a
/// second queue for its dead letters (docs/decisions/0025-quorum-queues-and-a-patient-consumer.md).
/// </summary>
internal sealed class Broker
{
    /// <summary>The first whose quorum queues hand over dead letters at least once.</summary>
    public static readonly Version Oldest = new(3, 10);

    // A quorum queue that confirms is on a majority of disks. With at-least-once a dead letter is not lost on its way, for which
    // the queue must refuse rather than drop. One active consumer keeps the order when several hub processes listen.
    private static readonly (string Name, object Value)[] Arguments =
    [
        ("x-queue-type", "quorum"),
        ("x-single-active-consumer", true),
        ("x-delivery-limit", Limits.BrokerRedeliveries),
        ("x-dead-letter-strategy", "at-least-once"),
        ("x-overflow", "reject-publish"),
    ];

    private readonly RabbitSettings _settings;
    private readonly string? _password;
    private readonly X509Certificate2Collection? _authorities;
    private readonly X509Certificate2? _own;

    /// <exception cref="SettingsException">A setting cannot be right, or a file cannot be read.</exception>
    public Broker(RabbitSettings settings)
    {
        _settings = settings;
        ServerSettings.RequireTls("rabbitmq", settings.Host, settings.Tls);
        _password = settings.PasswordFile is { } file ? ServerSettings.ReadPassword("rabbitmq", file) : null;
        if (settings.Tls is not { } tls) return;
        _authorities = ServerSettings.ReadAuthorities("rabbitmq", tls.Ca);
        if (tls is { Certificate: { } certificate, Key: { } key }) _own = ServerSettings.ReadCertificate("rabbitmq", certificate, key);
    }

    private string Address => $"{_settings.Host}:{_settings.Port}";

    /// <summary>A consumer's queue; its class is named so.</summary>
    public static string Queue(Type consumer) => Messages.Name(consumer);

    /// <summary>
    /// Where messages are published. MassTransit holds a type that is not public for a passing one, and would give it an exchange
    /// that is gone after the broker's restart.
    /// </summary>
    public static void Publish(IRabbitMqBusFactoryConfigurator bus, Messages messages)
    {
        bus.MessageTopology.SetEntityNameFormatter(new Exchanges());
        bus.AddPublishMessageTypes(messages.Types, (exchange, _) => (exchange.Durable, exchange.AutoDelete) = (true, false));
    }

    /// <summary>Where that queue's dead letters are.</summary>
    public static string DeadLetters(string queue) => queue + ".dead";

    /// <summary>Tells MassTransit where it is and which queues there are.</summary>
    public void Configure(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator bus, Messages messages)
    {
        bus.Host(_settings.Host, _settings.Port, _settings.VirtualHost, "referralhub", host =>
        {
            host.Username(_settings.User);
            if (_password is not null) host.Password(_password);
            host.RequestedConnectionTimeout(TimeSpan.FromSeconds(Limits.BrokerSeconds));
            if (_settings.Tls is not null) host.UseSsl(Secure);
        });
        bus.ConfigureJsonSerializerOptions(options =>
        {
            foreach (var converter in Protocol.Wire.StrictJson.Options.Converters) options.Converters.Add(converter);
            return options;
        });
        Publish(bus, messages);
        foreach (var consumer in messages.Consumers)
        {
            bus.ReceiveEndpoint(Queue(consumer), queue =>
            {
                foreach (var (name, value) in Arguments) queue.SetQueueArgument(name, value);
                queue.BindDeadLetterQueue(DeadLetters(Queue(consumer)), DeadLetters(Queue(consumer)), dead => dead.SetQueueArgument("x-queue-type", "quorum"));
                queue.PrefetchCount = Limits.BrokerPrefetch;
                queue.ConcurrentMessageLimit = 1;
                // MassTransit would put what fails into queues of its own, past the delivery limit and its dead letters.
                queue.RethrowFaultedMessages();
                queue.ThrowOnSkippedMessages();
                queue.PublishFaults = false;
                queue.UseConsumeFilter(typeof(Patience<>), context);
                queue.ConfigureConsumer(context, consumer);
            });
        }
    }

    /// <summary>Connects beside MassTransit, to look.</summary>
    public Task<IConnection> Connect(CancellationToken ct)
    {
        var factory = new ConnectionFactory
        {
            HostName = _settings.Host,
            Port = _settings.Port,
            VirtualHost = _settings.VirtualHost,
            UserName = _settings.User,
            Password = _password ?? "",
            AutomaticRecoveryEnabled = false,
            RequestedConnectionTimeout = TimeSpan.FromSeconds(Limits.BrokerSeconds),
            ContinuationTimeout = TimeSpan.FromSeconds(Limits.BrokerSeconds),
        };
        if (_settings.Tls is not null)
        {
            factory.Ssl = new SslOption(_settings.Host, enabled: true) { Certs = _own is null ? null : [_own], CertificateValidationCallback = IsTrusted };
            if (_own is not null) factory.AuthMechanisms = [new ExternalMechanismFactory()];
        }

        return factory.CreateConnectionAsync("referralhub", ct);
    }

    /// <summary>Finds out at start what would otherwise go wrong later.</summary>
    /// <returns>What is wrong for now: nothing answers. The hub starts all the same, since the outbox keeps everything.</returns>
    /// <exception cref="SettingsException">What answers is not what the hub can use.</exception>
    public async Task<SettingsException?> Check(Messages messages, CancellationToken ct)
    {
        try
        {
            await using var connection = await Connect(ct);
            CheckVersion(connection.ServerProperties, Address);
            foreach (var consumer in messages.Consumers)
            {
                await using var channel = await connection.CreateChannelAsync(cancellationToken: ct); // one that was refused is closed
                await Declare(channel, Queue(consumer), ct);
            }

            return null;
        }
        catch (Exception e) when (e is BrokerUnreachableException or OperationInterruptedException or TimeoutException or IOException or AuthenticationException)
        {
            var told = Explain(e);
            return IsAway(e) ? told : throw told;
        }
    }

    /// <summary>Where dead letters are, or null.</summary>
    public async Task<string?> FindDeadLetters(Messages messages, CancellationToken ct)
    {
        await using var connection = await Connect(ct);
        foreach (var consumer in messages.Consumers)
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: ct); // a missing queue closes it
            var queue = DeadLetters(Queue(consumer));
            if (await channel.MessageCountAsync(queue, ct) is > 0 and var count) return $"{count} messages in the queue {queue}";
        }

        return null;
    }

    /// <summary>What to tell the operator.</summary>
    internal SettingsException Explain(Exception trouble) => trouble switch
    {
        _ when IsAway(trouble) =>
            new("rabbitmq.host", Address, $"Nothing answers there ({Innermost(trouble).Message}): start RabbitMQ, or give the host and port where it listens."),
        { InnerException: AuthenticationFailureException or PossibleAuthenticationFailureException } =>
            new("rabbitmq.user", _settings.User, "RabbitMQ does not let it in: put right the user, its password file or its certificate."),
        { InnerException: AuthenticationException tls } =>
            new("rabbitmq.tls", _settings.Host, $"The server's certificate is not accepted ({tls.Message}): give the CA that issued it, for this host name."),
        OperationInterruptedException { ShutdownReason.ReplyCode: Constants.PreconditionFailed } refused =>
            new("rabbitmq.virtualHost", _settings.VirtualHost, $"A queue of the hub's is there with other properties ({refused.ShutdownReason.ReplyText}): let it run empty and delete it, or give a virtual host of the hub's own."),
        { InnerException: OperationInterruptedException { ShutdownReason.ReplyCode: Constants.NotAllowed } } or OperationInterruptedException { ShutdownReason.ReplyCode: Constants.NotAllowed } =>
            new("rabbitmq.virtualHost", _settings.VirtualHost, $"There is none of that name, or {_settings.User} may not enter it: make it with 'rabbitmqctl add_vhost' and 'rabbitmqctl set_permissions', or give another."),
        OperationInterruptedException { ShutdownReason.ReplyCode: Constants.AccessRefused } =>
            new("rabbitmq.user", _settings.User, "It may not make or use the hub's queues: let it configure, write and read everything in the virtual host."),
        _ => new("rabbitmq.host", Address, $"What answers there does not speak as RabbitMQ does ({Innermost(trouble).Message}): give the host and port of RabbitMQ {Oldest} or newer."),
    };

    /// <exception cref="SettingsException">Nobody has tried the hub on it.</exception>
    internal static void CheckVersion(IDictionary<string, object?>? server, string address)
    {
        var (product, version) = (Text("product"), Text("version"));
        if (product != "RabbitMQ")
            throw new SettingsException("rabbitmq.host", address, $"It is {product ?? "something else"}: give the host and port of RabbitMQ {Oldest} or newer.");
        if (!Version.TryParse(version?.Split('-', '+')[0], out var is_) || is_ < Oldest)
            throw new SettingsException("rabbitmq.host", address, $"RabbitMQ {version} is too old: give {Oldest} or newer.");

        string? Text(string name) => server?.TryGetValue(name, out var value) == true && value is byte[] text ? System.Text.Encoding.UTF8.GetString(text) : null;
    }

    // As MassTransit will, which would only log that it could not.
    private static async Task Declare(IChannel channel, string queue, CancellationToken ct)
    {
        var dead = DeadLetters(queue);
        var arguments = Arguments.ToDictionary(argument => argument.Name, argument => (object?)argument.Value);
        await channel.ExchangeDeclareAsync(dead, ExchangeType.Fanout, durable: true, cancellationToken: ct);
        await Queue(dead, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await channel.QueueBindAsync(dead, dead, "", cancellationToken: ct);
        arguments["x-dead-letter-exchange"] = dead;
        await Queue(queue, arguments);

        Task Queue(string name, IDictionary<string, object?> arguments) =>
            channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: ct);
    }

    private static bool IsAway(Exception e) =>
        e is TimeoutException || (e is BrokerUnreachableException && Innermost(e) is System.Net.Sockets.SocketException or TimeoutException or OperationCanceledException);

    private static Exception Innermost(Exception e) => e is AggregateException { InnerExceptions: [var first, ..] } ? Innermost(first) : e.InnerException is { } inner ? Innermost(inner) : e;

    private void Secure(IRabbitMqSslConfigurator tls)
    {
        tls.ServerName = _settings.Host;
        tls.Protocol = SslProtocols.None; // the machine's choice: TLS 1.3 where both have it
        tls.CertificateValidationCallback = IsTrusted;
        if (_own is null) return;
        tls.Certificate = _own;
        tls.UseCertificateAsAuthenticationIdentity = true;
    }

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate is X509Certificate2 server
            && (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None
            && ServerSettings.IsIssuedBy(server, _authorities!);

    private sealed class Exchanges : IEntityNameFormatter
    {
        public string FormatEntityName<T>() => Messages.Name(typeof(T));
    }
}
