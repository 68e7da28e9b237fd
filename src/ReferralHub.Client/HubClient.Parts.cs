using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Client;

public sealed partial class HubClient
{
    private const string UploadOffset = "Upload-Offset";

    /// <summary>
    /// Uploads a sealed part, or what the hub does not yet hold of it, in constant memory. Repeating it after a failure
    /// continues where the hub stopped. <c>HEAD</c> and <c>PUT /parts/{sha256}</c>
    /// </summary>
    /// <param name="sha256">Digest of the whole part.</param>
    /// <param name="part">The whole part; seekable; stays the caller's.</param>
    /// <param name="ct">Gives up; what arrived is kept by the hub.</param>
    public async Task UploadPartAsync(Digest sha256, Stream part, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(part);
        var size = part.Length;
        var held = await GetHeldAsync(sha256, size, ct);
        while (held < size)
        {
            var next = await PutAsync(sha256, part, held, size, ct);
            if (next <= held) throw new HubAnswerException($"The hub took nothing of part {sha256} from byte {held} on.");
            held = next;
        }
    }

    /// <summary>
    /// Asks for a sealed part and writes it as it comes, in constant memory. The signed request is itself the receipt;
    /// repeating it needs a new request. <c>POST /referrals/{ref}/releases</c>
    /// </summary>
    /// <param name="request">The signed <see cref="ReleaseRequest"/>.</param>
    /// <param name="size">Length of the part in bytes, from the statement that carries it.</param>
    /// <param name="destination">Receives the part; stays the caller's. After an exception it holds some of it.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="ArgumentException"><paramref name="request"/> is another kind of statement.</exception>
    /// <exception cref="HubAnswerException">What came has another digest or length than asked for.</exception>
    public async Task DownloadPartAsync(SignedStatement request, long size, Stream destination, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(destination);
        if (request.Statement is not ReleaseRequest { Sha256: var sha256 })
            throw new ArgumentException("Only a release request asks for a part.", nameof(request));

        using var message = new HttpRequestMessage(HttpMethod.Post, PathOf(request)) { Content = TokenContent(request) };
        await SendAsync(
            message,
            async (response, watch) =>
            {
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                await using var hashing = new HashingStream(destination, hash);
                var length = await CopyAsync(await response.Content.ReadAsStreamAsync(watch.Token), hashing, size, watch);
                if (length != size || Digest.From(hash.GetHashAndReset()) != sha256)
                    throw new HubAnswerException($"The hub sent something else in place of part {sha256}.");
                return length;
            },
            ct);
    }

    private async Task<long> GetHeldAsync(Digest sha256, long size, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, $"parts/{sha256}");
        return await SendAsync(
            request,
            (response, _) => Task.FromResult(response.StatusCode switch
            {
                HttpStatusCode.NotFound => 0,
                HttpStatusCode.OK or HttpStatusCode.NoContent or HttpStatusCode.Accepted => OffsetOf(response, size) ?? size,
                // HEAD answers have no body to explain themselves; PUT will bring the refusal.
                _ => 0,
            }),
            ct);
    }

    private async Task<long> PutAsync(Digest sha256, Stream part, long offset, long size, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"parts/{sha256}") { Content = new PartContent(part, offset, size) };
        request.Content.Headers.ContentRange = new ContentRangeHeaderValue(offset, size - 1, size);
        return await SendAsync(
            request,
            (response, _) => Task.FromResult(response.StatusCode == HttpStatusCode.NoContent ? size : OffsetOf(response, size)
                ?? throw new HubAnswerException("The hub does not say how much of the part it holds.")),
            ct);
    }

    private static long? OffsetOf(HttpResponseMessage response, long size)
    {
        if (!response.Headers.TryGetValues(UploadOffset, out var values)) return null;
        return long.TryParse(values.Single(), NumberStyles.None, CultureInfo.InvariantCulture, out var offset) && offset <= size
            ? offset
            : throw new HubAnswerException("The hub claims to hold more of the part than there is.");
    }
}
