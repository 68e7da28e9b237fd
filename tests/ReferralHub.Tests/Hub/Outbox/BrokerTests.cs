using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using ReferralHub.Hub;
using ReferralHub.Hub.Outbox;

namespace ReferralHub.Tests.Hub.Outbox;

public sealed class BrokerTests
{
    private static readonly RabbitSettings Here = new("127.0.0.1", 5672, "hub", "rh");

    public static TheoryData<Exception, string> Troubles => new()
    {
        { new BrokerUnreachableException(new SocketException(111)), "rabbitmq.host = '127.0.0.1:5672': Nothing answers there" },
        { new BrokerUnreachableException(new TimeoutException()), "rabbitmq.host = '127.0.0.1:5672': Nothing answers there" },
        { new BrokerUnreachableException(new AuthenticationFailureException("no")), "rabbitmq.user = 'rh': RabbitMQ does not let it in" },
        { new BrokerUnreachableException(new AuthenticationException()), "rabbitmq.tls = '127.0.0.1': The server's certificate is not accepted" },
        { new BrokerUnreachableException(Closed(530)), "rabbitmq.virtualHost = 'hub': There is none of that name" },
        { Closed(403), "rabbitmq.user = 'rh': It may not make or use the hub's queues" },
        { Closed(406), "rabbitmq.virtualHost = 'hub': A queue of the hub's is there with other properties" },
        { new BrokerUnreachableException(new EndOfStreamException()), "rabbitmq.host = '127.0.0.1:5672': What answers there does not speak as RabbitMQ does" },
    };

    [Theory, MemberData(nameof(Troubles), DisableDiscoveryEnumeration = true)]
    public void What_goes_wrong_at_start_names_the_setting_its_value_and_what_to_do(Exception trouble, string told) =>
        Assert.StartsWith(told, new Broker(Here).Explain(trouble).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("RabbitMQ", "3.10.8", null)]
    [InlineData("RabbitMQ", "4.1.0-rc.1", null)]
    [InlineData("RabbitMQ", "3.9.29", "RabbitMQ 3.9.29 is too old: give 3.10 or newer.")]
    [InlineData("RabbitMQ", "new", "RabbitMQ new is too old: give 3.10 or newer.")]
    [InlineData("Other", "9.0", "It is Other: give the host and port of RabbitMQ 3.10 or newer.")]
    public void Only_a_RabbitMQ_that_is_new_enough_will_do(string product, string version, string? told)
    {
        var server = new Dictionary<string, object?> { ["product"] = Encoding.UTF8.GetBytes(product), ["version"] = Encoding.UTF8.GetBytes(version) };

        var error = Record.Exception(() => Broker.CheckVersion(server, "mq:5672"));

        Assert.Equal(told is null ? null : $"rabbitmq.host = 'mq:5672': {told}", error?.Message);
    }

    [Fact]
    public void Without_tls_it_is_on_this_machine() =>
        Assert.StartsWith("rabbitmq.host = 'mq.example': ", Assert.Throws<SettingsException>(() => new Broker(Here with { Host = "mq.example" })).Message, StringComparison.Ordinal);

    [Fact]
    public void An_authority_that_cannot_be_read_is_named() =>
        Assert.StartsWith(
            "rabbitmq.tls.ca = '/nowhere/ca.pem': ",
            Assert.Throws<SettingsException>(() => new Broker(Here with { Tls = new("/nowhere/ca.pem") })).Message,
            StringComparison.Ordinal);

    private static OperationInterruptedException Closed(ushort code) =>
        new(new ShutdownEventArgs(ShutdownInitiator.Peer, code, "told by the server"));
}
