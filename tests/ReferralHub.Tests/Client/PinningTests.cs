using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using ReferralHub.Client;

namespace ReferralHub.Tests.Client;

public sealed class PinningTests : IDisposable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly Certificates _ca = new();
    private readonly Certificates _other = new();

    [Fact]
    public async Task Talks_to_a_server_that_the_pinned_ca_vouches_for() =>
        Assert.Null(await FailureOf(Certificates.Issue(_ca), _ca.Ca));

    [Fact]
    public async Task Refuses_a_server_of_another_ca() =>
        Assert.Equal(HubFailure.WrongServer, await FailureOf(Certificates.Issue(_other), _other.Ca));

    [Fact]
    public async Task Refuses_a_certificate_that_only_names_the_ca_as_its_issuer() =>
        Assert.Equal(HubFailure.WrongServer, await FailureOf(Certificates.Issue(_other), _ca.Ca));

    [Fact]
    public async Task Refuses_a_server_that_does_not_send_the_ca() =>
        Assert.Equal(HubFailure.WrongServer, await FailureOf(Certificates.Issue(_ca), ca: null));

    [Theory]
    [InlineData("1.3.6.1.5.5.7.3.1", true)]
    [InlineData(ClientAuthentication, false)]
    public void Refuses_an_agency_that_poses_as_the_hub_with_its_own_certificate(string usage, bool accepted)
    {
        using var server = Certificates.Issue(_ca, usage: usage);

        Assert.Equal(accepted, HubPin.Accepts(_ca.Spki, server, [server, _ca.Ca], SslPolicyErrors.None, Certificates.Start.AddDays(1)));
    }

    [Fact]
    public async Task Refuses_a_certificate_for_another_name() =>
        Assert.Equal(HubFailure.WrongServer, await FailureOf(Certificates.Issue(_ca, dnsName: "other.test"), _ca.Ca));

    [Fact]
    public async Task Refuses_a_certificate_that_has_run_out() =>
        Assert.Equal(HubFailure.WrongServer, await FailureOf(Certificates.Issue(_ca, until: Certificates.Start.AddHours(1)), _ca.Ca));

    [Fact]
    public async Task Explains_a_connection_dropped_for_want_of_a_client_certificate()
    {
        using var server = Certificates.Issue(_ca);
        await using var far = await FarSide.StartAsync(server, _ca.Ca, Hello, ClientCertificateMode.RequireCertificate);
        using var client = far.Connect(_ca.Spki);

        var e = await Assert.ThrowsAsync<HubUnreachableException>(() => client.GetGenesisAsync(TestContext.Current.CancellationToken));

        Assert.Equal(HubFailure.Dropped, e.Failure);
        Assert.Contains("client certificate", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_its_own_certificate_when_it_has_one()
    {
        using var server = Certificates.Issue(_ca);
        using var agency = Certificates.Issue(_ca, "shelter", ClientAuthentication);
        var shown = "";
        await using var far = await FarSide.StartAsync(
            server,
            _ca.Ca,
            http =>
            {
                shown = http.Connection.ClientCertificate?.Thumbprint;
                return http.Response.WriteAsync("genesis");
            },
            ClientCertificateMode.RequireCertificate);
        using var client = far.Connect(_ca.Spki, agency);

        await client.GetGenesisAsync(TestContext.Current.CancellationToken);

        Assert.Equal(agency.Thumbprint, shown);
    }

    [Fact]
    public async Task Says_that_nobody_listens()
    {
        using var client = new HubClient(new Uri("https://localhost:1/"), _ca.Spki, null, TimeProvider.System);

        var e = await Assert.ThrowsAsync<HubUnreachableException>(() => client.GetGenesisAsync(TestContext.Current.CancellationToken));

        Assert.Equal(HubFailure.Unreachable, e.Failure);
    }

    [Fact]
    public async Task Says_that_a_connection_was_reset_as_soon_as_it_was_made()
    {
        using var client = new HubClient(new Uri("https://hub.test/"), _ca.Spki, null, TimeProvider.System, DialResetAsync);

        var e = await Assert.ThrowsAsync<HubUnreachableException>(() => client.GetGenesisAsync(TestContext.Current.CancellationToken));

        Assert.Equal(HubFailure.Dropped, e.Failure);
    }

    [Theory]
    [InlineData("http://hub.test/")]
    [InlineData("https://hub.test/v1/")]
    [InlineData("https://me@hub.test/")]
    public void Takes_no_address_but_a_bare_https_one(string address) =>
        Assert.Throws<ArgumentException>(() => new HubClient(new Uri(address), _ca.Spki, null, TimeProvider.System));

    public void Dispose()
    {
        _ca.Dispose();
        _other.Dispose();
    }

    private static Task Hello(HttpContext http) => http.Response.WriteAsync("genesis");

    private async Task<HubFailure?> FailureOf(X509Certificate2 server, X509Certificate2? ca)
    {
        using (server)
        {
            await using var far = await FarSide.StartAsync(server, ca, Hello);
            using var client = far.Connect(_ca.Spki);
            try
            {
                await client.GetGenesisAsync(TestContext.Current.CancellationToken);
                return null;
            }
            catch (HubUnreachableException e)
            {
                return e.Failure;
            }
        }
    }

    // Connected for an instant: nobody is at the other end any more.
    private static async ValueTask<Stream> DialResetAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndpoint, ct);
        var stream = new NetworkStream(socket, ownsSocket: true);
        using (var accepted = await listener.AcceptSocketAsync(ct)) accepted.LingerState = new(true, 0);
        socket.Poll(-1, SelectMode.SelectRead); // until the reset has come
        return stream;
    }
}
