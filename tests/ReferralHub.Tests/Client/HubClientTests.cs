using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using ReferralHub.Client;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Client;

public sealed class HubClientTests : IDisposable
{
    private static readonly Guid Ref = Guid.CreateVersion7(Certificates.Start);
    private static readonly TreeHead Head = new(1, Digest.Of([1]));

    private readonly Certificates _ca = new();
    private readonly X509Certificate2 _server;
    private readonly SigningKey _key = SigningKey.Import(RandomNumberGenerator.GetBytes(SigningKey.SeedSize));

    public HubClientTests() => _server = Certificates.Issue(_ca);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Uploads_only_what_the_hub_does_not_hold_yet()
    {
        var part = RandomNumberGenerator.GetBytes(200_000);
        var received = new MemoryStream();
        string? range = null;

        await With(
            async http =>
            {
                if (http.Request.Method == "HEAD")
                {
                    http.Response.Headers["Upload-Offset"] = "150000";
                    return;
                }

                range = http.Request.Headers.ContentRange;
                await http.Request.Body.CopyToAsync(received, http.RequestAborted);
                http.Response.StatusCode = 204;
            },
            client => client.UploadPartAsync(Digest.Of(part), new MemoryStream(part), Ct));

        Assert.Equal("bytes 150000-199999/200000", range);
        Assert.Equal(part[150_000..], received.ToArray());
    }

    [Fact]
    public async Task Goes_on_where_the_hub_stopped_taking_the_upload()
    {
        var part = RandomNumberGenerator.GetBytes(1000);
        var ranges = new List<string?>();

        await With(
            async http =>
            {
                if (http.Request.Method == "HEAD")
                {
                    http.Response.StatusCode = 404;
                    return;
                }

                ranges.Add(http.Request.Headers.ContentRange);
                await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
                http.Response.StatusCode = ranges.Count == 1 ? 202 : 204;
                if (ranges.Count == 1) http.Response.Headers["Upload-Offset"] = "600";
            },
            client => client.UploadPartAsync(Digest.Of(part), new MemoryStream(part), Ct));

        Assert.Equal(["bytes 0-999/1000", "bytes 600-999/1000"], ranges);
    }

    [Fact]
    public async Task Sends_nothing_of_a_part_that_the_hub_holds() =>
        await With(
            http =>
            {
                Assert.Equal("HEAD", http.Request.Method);
                http.Response.StatusCode = 204;
                return Task.CompletedTask;
            },
            client => client.UploadPartAsync(Digest.Of([7]), new MemoryStream([7]), Ct));

    [Fact]
    public async Task Downloads_the_part_that_was_asked_for()
    {
        var part = RandomNumberGenerator.GetBytes(100_000);
        var destination = new MemoryStream();

        await With(
            http => http.Response.Body.WriteAsync(part, http.RequestAborted).AsTask(),
            client => client.DownloadPartAsync(Request(Digest.Of(part)), part.Length, destination, Ct));

        Assert.Equal(part, destination.ToArray());
    }

    [Theory]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    public async Task Refuses_a_part_of_another_digest_or_length(int size)
    {
        var part = RandomNumberGenerator.GetBytes(100);
        var sent = size == 100 ? new byte[100] : part;

        await Assert.ThrowsAsync<HubAnswerException>(() => With(
            http => http.Response.Body.WriteAsync(sent, http.RequestAborted).AsTask(),
            client => client.DownloadPartAsync(Request(Digest.Of(part)), size, Stream.Null, Ct)));
    }

    [Fact]
    public async Task Tells_a_refusal_with_state_and_reasons()
    {
        var e = await Assert.ThrowsAsync<HubRefusedException>(() => With(
            http => Problem(http, 409, """{"type":"urn:referralhub:refusal:stale","title":"Too late","state":"declined","after":"ab","reasons":["consent-expired"]}"""),
            client => client.GetGenesisAsync(Ct)));

        Assert.Equal(("stale", 409, "declined", "ab"), (e.Problem.Name, e.Problem.Status, e.Problem.State, e.Problem.After));
        Assert.Equal(["consent-expired"], e.Problem.Reasons);
        Assert.False(e.Problem.IsRetryable);
    }

    [Theory]
    [InlineData(429, true)]
    [InlineData(503, true)]
    [InlineData(403, false)]
    [InlineData(422, false)]
    public async Task Tells_what_to_try_again_from_what_is_final(int status, bool retryable)
    {
        var e = await Assert.ThrowsAsync<HubRefusedException>(() => With(
            http => Problem(http, status, """{"type":"urn:referralhub:refusal:any"}"""),
            client => client.GetGenesisAsync(Ct)));

        Assert.Equal(retryable, e.Problem.IsRetryable);
    }

    [Theory]
    [InlineData("""{"items":[{"n":5,"statements":["T"],"event":"AA","opening":"O"}]}""")]
    [InlineData("""{"items":[{"n":4,"statements":[],"event":"AA","opening":"O"}]}""")]
    [InlineData("""{"items":[{"n":4,"statements":["T"],"event":"A=","opening":"O"}]}""")]
    [InlineData("""{"items":[{"n":4,"statements":["T"],"event":"AA","opening":"00"}]}""")]
    [InlineData("""{"items":[{"n":4,"statements":["x"],"event":"AA","opening":"O"}]}""")]
    [InlineData("""{"items":[{"n":4,"event":"AA","opening":"O"}]}""")]
    [InlineData("""{"items":[{"n":4,"statements":["T"]}]}""")]
    [InlineData("""{"items":[{"n":4,"statements":[],"opening":"O"}]}""")]
    [InlineData("""{"items":[{"n":4}]}""")]
    [InlineData("""{"items":[{"n":5,"statements":[]}]}""")]
    [InlineData("""{"items":null}""")]
    [InlineData("""{""")]
    public async Task Refuses_a_feed_with_a_gap_or_of_another_form(string answer) =>
        await Assert.ThrowsAsync<HubAnswerException>(() => With(
            http => http.Response.WriteAsync(Fill(answer), http.RequestAborted), client => client.GetFeedAsync(3, TimeSpan.Zero, Ct)));

    [Fact]
    public async Task Reads_the_feed_from_where_it_was_left()
    {
        var query = "";
        IReadOnlyList<FeedItem> items = [];

        await With(
            http =>
            {
                query = http.Request.QueryString.Value;
                return http.Response.WriteAsync(Fill("""{"items":[{"n":4,"statements":["T"],"event":"AA","opening":"O"},{"n":5,"statements":[]}]}"""), http.RequestAborted);
            },
            async client => items = await client.GetFeedAsync(3, TimeSpan.FromSeconds(7), Ct));

        Assert.Equal("?after=3&wait=7", query);
        Assert.Equal([(4, false), (5, true)], items.Select(item => (item.Position, item.IsErased)));
        Assert.Equal((Acknowledged().Id, 32), (items[0].Statements.Single().Id, items[0].Opening.Length));
    }

    [Fact]
    public async Task Posts_a_statement_to_the_path_of_its_kind_and_takes_the_receipt_for_it()
    {
        var statement = Acknowledged();
        (string? Path, string? Type, string Body) seen = default;
        SignedStatement? receipt = null;

        await With(
            async http =>
            {
                seen = (http.Request.Path, http.Request.ContentType, await new StreamReader(http.Request.Body).ReadToEndAsync(http.RequestAborted));
                await http.Response.WriteAsync(ReceiptFor(statement.Id, Ref).Jws.Token, http.RequestAborted);
            },
            async client => receipt = await client.PostAsync(statement, Ct));

        Assert.Equal(($"/v1/referrals/{Ref}/acknowledgements", "application/jose", statement.Jws.Token), seen);
        Assert.Equal(statement.Id, ((HubReceipt)receipt!.Statement).StatementId);
    }

    [Fact]
    public async Task Refuses_the_receipt_for_another_statement() =>
        await Assert.ThrowsAsync<HubAnswerException>(() => With(
            http => http.Response.WriteAsync(ReceiptFor(Digest.Of([9]), Ref).Jws.Token, http.RequestAborted), client => client.PostAsync(Acknowledged(), Ct)));

    [Fact]
    public async Task Has_no_receipt_while_the_statement_is_not_logged() =>
        await With(
            http => Problem(http, 404, """{"type":"urn:referralhub:refusal:not-logged-yet"}"""),
            async client => Assert.Null(await client.GetReceiptAsync(Digest.Of([1]), Ct)));

    [Fact]
    public async Task Refuses_a_genesis_with_another_fingerprint()
    {
        await using var far = await FarSide.StartAsync(_server, _ca.Ca, http => http.Response.WriteAsync("genesis", http.RequestAborted));

        var e = await Assert.ThrowsAsync<HubAnswerException>(() => far.FetchGenesisAsync(Digest.Of([1])));

        Assert.Contains("another hub", e.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _ca.Dispose();
        _server.Dispose();
        _key.Dispose();
    }

    private static Task Problem(HttpContext http, int status, string body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/problem+json";
        return http.Response.WriteAsync(body, http.RequestAborted);
    }

    private async Task With(RequestDelegate answer, Func<HubClient, Task> act)
    {
        await using var far = await FarSide.StartAsync(_server, _ca.Ca, answer);
        using var client = far.Connect(_ca.Spki);
        await act(client);
    }

    private string Fill(string answer) => new StringBuilder(answer)
        .Replace("\"T\"", $"\"{Acknowledged().Jws.Token}\"").Replace("\"O\"", $"\"{new string('0', 64)}\"").ToString();

    private SignedStatement Acknowledged() => SignedStatement.Sign(_key, new Acknowledgement
    {
        Issuer = AgencyId.Parse("shelter"),
        IssuedAt = Certificates.Start,
        Directory = Head,
        AuditLog = Head,
        Referral = Ref,
        After = Digest.Of([2]),
        Act = HandoffAct.Acknowledged,
        By = Handle.Parse("noor"),
    });

    private SignedStatement Request(Digest sha256) => SignedStatement.Sign(_key, new ReleaseRequest
    {
        Issuer = AgencyId.Parse("shelter"),
        IssuedAt = Certificates.Start,
        Directory = Head,
        AuditLog = Head,
        Referral = Ref,
        After = Digest.Of([2]),
        Part = Part.Summary,
        Sha256 = sha256,
        Purpose = Purpose.Protection,
    });

    private SignedStatement ReceiptFor(Digest statement, Guid referral) => SignedStatement.Sign(_key, new HubReceipt
    {
        Issuer = AgencyId.Hub,
        IssuedAt = Certificates.Start,
        Directory = Head,
        AuditLog = Head,
        StatementId = statement,
        Leaf = new string('0', 68),
        Referral = referral,
        State = HandoffState.Acknowledged,
    });
}
