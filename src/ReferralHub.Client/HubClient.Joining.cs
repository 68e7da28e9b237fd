using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Directory;

namespace ReferralHub.Client;

public sealed partial class HubClient
{
    private const int CertificateBytes = 64 * 1024;

    /// <summary>
    /// Fetches genesis from a hub of which only the fingerprint is known, and checks all that can be: that it is the genesis
    /// with that fingerprint, signed as it must be, and that the server it came from is vouched for by the CA that it names.
    /// </summary>
    /// <param name="hub">Where it is: <c>https://host:port/</c>.</param>
    /// <param name="fingerprint">F, by which people named this hub to us.</param>
    /// <param name="clock">The time to judge certificates at.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Entry 0, exactly as received.</returns>
    /// <exception cref="HubAnswerException">It is another genesis, or not well signed.</exception>
    /// <exception cref="HubUnreachableException">The server is not the one that genesis names, or does not answer.</exception>
    public static Task<byte[]> FetchGenesisAsync(Uri hub, Digest fingerprint, TimeProvider clock, CancellationToken ct) =>
        FetchGenesisAsync(hub, fingerprint, clock, dial: null, ct);

    internal static async Task<byte[]> FetchGenesisAsync(
        Uri hub,
        Digest fingerprint,
        TimeProvider clock,
        Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? dial,
        CancellationToken ct)
    {
        using var stranger = new HubClient(hub, ca: null, certificate: null, clock, dial);
        var entry = await stranger.GetGenesisAsync(ct);
        if (!AgencyDirectory.TryBegin(entry, fingerprint, out var directory, out var fault))
        {
            throw new HubAnswerException(fault == DirectoryFault.WrongGenesis
                ? $"{hub} has the fingerprint {Digest.Of(entry)}, not {fingerprint}: it is another hub."
                : $"The genesis of {hub} breaks docs/protocol.md §4.2: {fault}.");
        }

        var sent = stranger._firstContact ?? [];
        var ca = directory.Genesis.Ca;
        if (!HubPin.Accepts(ca, sent.FirstOrDefault(), sent, SslPolicyErrors.None, clock.GetUtcNow()))
        {
            throw new HubUnreachableException(
                HubFailure.WrongServer, $"The server at {hub} showed no certificate that leads to the CA {ca} of genesis.");
        }

        return entry;
    }

    /// <summary>Entry 0 of the directory, unchecked. <c>GET /genesis</c></summary>
    public Task<byte[]> GetGenesisAsync(CancellationToken ct) => GetBytesAsync("genesis", CoSigned.MaxSize, ct);

    /// <summary>Hands in an enrolment and a certificate request. The same again gives the same answer. <c>POST /join</c></summary>
    /// <param name="token">The invitation's token.</param>
    /// <param name="enrolment">The agency event, co-signed by the new recovery and signing keys.</param>
    /// <param name="certificateRequest">A PKCS#10 request for the TLS key, PEM.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The certificate chain as PEM, the agency's own first.</returns>
    public async Task<string> JoinAsync(string token, CoSigned enrolment, string certificateRequest, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(enrolment);
        var body = new JoinBody(Encoding.ASCII.GetString(enrolment.ToArray()), certificateRequest);
        using var request = new HttpRequestMessage(HttpMethod.Post, "join") { Content = JsonContent.Create(body, options: Answers) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return ReadAnswer<JoinAnswer>(await SendAsync(request, (response, watch) => ReadAtMostAsync(response, CertificateBytes, watch), ct))
            .Certificate;
    }

    private sealed record JoinBody(string Enrolment, string Csr);

    private sealed record JoinAnswer(string Certificate);
}
