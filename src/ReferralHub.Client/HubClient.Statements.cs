using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Client;

public sealed partial class HubClient
{
    private const int FeedBytes = 32 * 1024 * 1024;
    private const int ReceiptBytes = 2 * 1024 * 1024;

    /// <summary>
    /// Hands in a statement. Posting the same one again has no second effect and gives the same receipt.
    /// <c>POST</c> to the path of its kind.
    /// </summary>
    /// <param name="statement">Any kind that an agency signs, but a <see cref="ReleaseRequest"/>.</param>
    /// <param name="ct">Gives up; the statement may have taken effect.</param>
    /// <returns>The hub's receipt, of the right form and about this statement; its signature is not checked.</returns>
    /// <exception cref="ArgumentException">No such kind is handed in.</exception>
    public async Task<SignedStatement> PostAsync(SignedStatement statement, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(statement);
        if (statement.Statement.Kind == StatementKind.ReleaseRequest)
            throw new ArgumentException("A release request is answered with a part: DownloadPartAsync.", nameof(statement));

        using var request = new HttpRequestMessage(HttpMethod.Post, PathOf(statement)) { Content = TokenContent(statement) };
        var token = await SendAsync(request, (response, watch) => ReadAtMostAsync(response, SignedStatement.MaxSize, watch), ct);
        return SignedStatement.TryRead(token, out var receipt)
               && receipt.Statement is HubReceipt { StatementId: var id, Referral: var about }
               && id == statement.Id && about == statement.Statement.About
            ? receipt
            : throw new HubAnswerException($"The hub answered {statement.Jws} with something that is no receipt for it.");
    }

    /// <summary>What others did, from a position on. <c>GET /feed</c></summary>
    /// <param name="after">Position of the last item already kept; 0 at first.</param>
    /// <param name="wait">How long the hub may wait for something to happen; zero to <see cref="LongestFeedWait"/>.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Items in order without a gap from <paramref name="after"/> + 1 on; empty when nothing happened.</returns>
    public async Task<IReadOnlyList<FeedItem>> GetFeedAsync(long after, TimeSpan wait, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wait, LongestFeedWait);
        var path = string.Create(CultureInfo.InvariantCulture, $"feed?after={after}&wait={(int)wait.TotalSeconds}");
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        var body = await SendAsync(request, (response, watch) => ReadAtMostAsync(response, FeedBytes, watch), ct, wait);

        var items = ReadAnswer<FeedBody>(body).Items.Select(Read).ToList();
        for (var i = 0; i < items.Count; i++)
        {
            // A gap would mean that the hub keeps something from us: docs/protocol.md §6, "dense from 1".
            if (items[i].Position != after + 1 + i)
                throw new HubAnswerException($"The feed after {after} has item {items[i].Position} where {after + 1 + i} belongs.");
        }

        return items;
    }

    /// <summary>The log's proof for a statement of ours, or null while it is not in a checkpoint yet. <c>GET /statements/{id}/receipt</c></summary>
    /// <param name="statement">The statement's id.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<LogReceipt?> GetReceiptAsync(Digest statement, CancellationToken ct)
    {
        try
        {
            return ReadReceipt(await GetBytesAsync($"statements/{statement}/receipt", ReceiptBytes, ct), $"the receipt of {statement}");
        }
        catch (HubRefusedException e) when (e.Problem.Name == "not-logged-yet")
        {
            return null;
        }
    }

    /// <summary>Fetches all that proves one referral, in constant memory. The export is itself an event. <c>GET /referrals/{ref}/evidence</c></summary>
    /// <param name="referral">The referral.</param>
    /// <param name="destination">Receives the zip, at most 1 GiB; stays the caller's.</param>
    /// <param name="ct">Gives up.</param>
    public async Task DownloadEvidenceAsync(Guid referral, Stream destination, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"referrals/{WireId.Text(referral)}/evidence");
        await SendAsync(
            request,
            async (response, watch) => await CopyAsync(await response.Content.ReadAsStreamAsync(watch.Token), destination, 1L << 30, watch),
            ct,
            AnswerTime);
    }

    private static string PathOf(SignedStatement statement) => statement.Statement switch
    {
        Agreement => "agreements",
        Consent => "consents",
        Profile => "profiles",
        Capacity => "capacities",
        Referral => "referrals",
        Acknowledgement follow => $"referrals/{WireId.Text(follow.Referral)}/acknowledgements",
        SenderAct follow => $"referrals/{WireId.Text(follow.Referral)}/sender-acts",
        ConsentRevocation => "consent-revocations",
        Approval => "approvals",
        RevocationNotice follow => $"referrals/{WireId.Text(follow.Referral)}/revocation-notices",
        LegalHold follow => $"referrals/{WireId.Text(follow.Referral)}/legal-holds",
        ErasureReceipt follow => $"referrals/{WireId.Text(follow.Referral)}/erasure-receipts",
        Access follow => $"referrals/{WireId.Text(follow.Referral)}/accesses",
        ReleaseRequest follow => $"referrals/{WireId.Text(follow.Referral)}/releases",
        _ => throw new ArgumentException($"A {statement.Jws.Typ} is not handed in.", nameof(statement)),
    };

    private static ByteArrayContent TokenContent(SignedStatement statement)
    {
        var content = new ByteArrayContent(Encoding.ASCII.GetBytes(statement.Jws.Token));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/jose");
        return content;
    }

    private static FeedItem Read(FeedItemBody item)
    {
        var statements = new List<SignedStatement>();
        foreach (var token in item.Statements)
        {
            if (!SignedStatement.TryRead(token, out var statement))
                throw new HubAnswerException($"Feed item {item.N} carries something that is no statement.");
            statements.Add(statement);
        }

        if (item is { Statements.Count: 0, Event: null, Opening: null }) return new(item.N, [], default, default);
        return statements.Count > 0 && item is { Event: { } told, Opening: { } hex } && CanonicalBase64.Url.TryDecode(told, out var bytes) && TryReadHex(hex) is { } opening
            ? new(item.N, statements, bytes, opening)
            : throw new HubAnswerException($"Feed item {item.N} is not of the promised form.");
    }

    private static LogReceipt ReadReceipt(byte[] answer, string what)
    {
        var body = ReadAnswer<ReceiptBody>(answer);
        return CanonicalBase64.Url.TryDecode(body.Event, out var bytes)
               && TryReadHex(body.Opening) is { } opening
               && TlogProof.TryParse(Encoding.UTF8.GetBytes(body.Proof), out var proof)
               && proof.Index == body.Index
            ? new(bytes, opening, body.Index, proof)
            : throw new HubAnswerException($"What the hub sent as {what} is not of the promised form.");
    }

    private static byte[]? TryReadHex(string text) => Digest.TryParse(text, out var value) ? value.ToArray() : null;

    private sealed record FeedBody(IReadOnlyList<FeedItemBody> Items);

    private sealed record FeedItemBody(long N, IReadOnlyList<string> Statements, string? Event = null, string? Opening = null);

    private sealed record ReceiptBody(string Event, string Opening, long Index, string Proof);
}
