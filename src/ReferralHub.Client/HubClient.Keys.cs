using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using ReferralHub.Cryptography.Statements;

namespace ReferralHub.Client;

public sealed partial class HubClient
{
    private const int DirectoryBytes = 64 * 1024 * 1024;

    /// <summary>Hands in a change of our own keys. The same again is good. <c>POST /directory/events</c></summary>
    /// <param name="change">The event, with our signatures.</param>
    /// <param name="ct">Gives up.</param>
    public async Task PostEventAsync(CoSigned change, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(change);
        using var request = new HttpRequestMessage(HttpMethod.Post, "directory/events") { Content = JsonContent.Create(new EventBody(Text(change)), options: Answers) };
        await SendAsync(request, (response, watch) => ReadAtMostAsync(response, CertificateBytes, watch), ct);
    }

    /// <summary>Exchanges the certificate that we present for one of another key. <c>POST /certificate</c></summary>
    /// <param name="certificateRequest">A PKCS#10 request for the new TLS key, PEM.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The certificate chain as PEM, the agency's own first.</returns>
    public async Task<string> RenewCertificateAsync(string certificateRequest, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "certificate") { Content = JsonContent.Create(new CertificateBody(certificateRequest), options: Answers) };
        return ReadAnswer<JoinAnswer>(await SendAsync(request, (response, watch) => ReadAtMostAsync(response, CertificateBytes, watch), ct)).Certificate;
    }

    /// <summary>The whole directory, for an agency that has nothing but its recovery key. <c>POST /recover/directory</c></summary>
    /// <param name="proof">A recovery request, signed with that key.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The entries from genesis on, unchecked.</returns>
    public async Task<IReadOnlyList<byte[]>> GetDirectoryForRecoveryAsync(Jws proof, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(proof);
        using var request = new HttpRequestMessage(HttpMethod.Post, "recover/directory") { Content = JsonContent.Create(new ProofBody(proof.Token), options: Answers) };
        var body = ReadAnswer<EntriesBody>(await SendAsync(request, (response, watch) => ReadAtMostAsync(response, DirectoryBytes, watch), ct));
        return [.. body.Entries.Select(Encoding.ASCII.GetBytes)];
    }

    /// <summary>Comes back by the recovery key. The same again gives the same answer. <c>POST /recover</c></summary>
    /// <param name="recovery">The event, signed by the recovery key and the new signing key.</param>
    /// <param name="certificateRequest">A PKCS#10 request for the TLS key that the event names, PEM.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The certificate chain as PEM, the agency's own first.</returns>
    public async Task<string> RecoverAsync(CoSigned recovery, string certificateRequest, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(recovery);
        using var request = new HttpRequestMessage(HttpMethod.Post, "recover") { Content = JsonContent.Create(new RecoverBody(Text(recovery), certificateRequest), options: Answers) };
        return ReadAnswer<JoinAnswer>(await SendAsync(request, (response, watch) => ReadAtMostAsync(response, CertificateBytes, watch), ct)).Certificate;
    }

    /// <summary>What we said and were told, from a position on, for a gateway that has lost it. <c>GET /statements</c></summary>
    /// <param name="after">Position of the last item already kept; 0 at first.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Items in the order in which they took effect; none at the end. Positions rise and have gaps.</returns>
    public async Task<IReadOnlyList<FeedItem>> GetHistoryAsync(long after, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"statements?after={after}"));
        var body = await SendAsync(request, (response, watch) => ReadAtMostAsync(response, FeedBytes, watch), ct);
        var items = ReadAnswer<FeedBody>(body).Items.Select(Read).ToList();
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Position <= (i == 0 ? after : items[i - 1].Position)) throw new HubAnswerException("The history comes out of order.");
        }

        return items;
    }

    private static string Text(CoSigned entry) => Encoding.ASCII.GetString(entry.ToArray());

    private sealed record EventBody(string Event);

    private sealed record CertificateBody(string Csr);

    private sealed record ProofBody(string Proof);

    private sealed record EntriesBody(IReadOnlyList<string> Entries);

    private sealed record RecoverBody(string Recovery, string Csr);
}
