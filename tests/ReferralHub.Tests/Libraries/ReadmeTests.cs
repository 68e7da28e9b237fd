using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Age;
using ReferralHub.Tests.Client;
using ReferralHub.Tests.Protocol.Directory;
using ReferralHub.Tests.Protocol.Evidence;

namespace ReferralHub.Tests.Libraries;

/// <summary>The example in a library's README is the source of a class here, which is compiled with the tests and run by them.</summary>
public sealed class ReadmeTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    private readonly SigningKey _agency = SigningKey.Import(Enumerable.Repeat((byte)1, SigningKey.SeedSize).ToArray());
    private readonly SigningKey _log = SigningKey.Import(Enumerable.Repeat((byte)2, SigningKey.SeedSize).ToArray());

    public void Dispose()
    {
        _agency.Dispose();
        _log.Dispose();
    }

    [Theory]
    [InlineData("Cryptography")]
    [InlineData("Protocol")]
    [InlineData("Sealing")]
    [InlineData("Client")]
    public void The_example_of_a_README_is_the_one_that_runs(string library)
    {
        var readme = File.ReadAllText(Path.Combine(Vectors.Root(), "src", "ReferralHub." + library, "README.md"));
        var source = File.ReadAllLines(Path.Combine(Vectors.Root(), "tests", "ReferralHub.Tests", "Libraries", library + "Example.cs"));
        var body = source.SkipWhile(line => line != "{").Skip(1).TakeWhile(line => line != "}").Select(line => line.Length > 0 ? line[4..] : line);
        string[] example = [.. source.TakeWhile(line => line.Length > 0), "", .. body];
        Assert.Contains($"```csharp\n{string.Join('\n', example)}\n```\n", readme, StringComparison.Ordinal);
    }

    [Fact]
    public void A_statement_is_proved_to_be_in_the_log_and_no_other()
    {
        var (statement, receipt) = CryptographyExample.SignAndLog(_agency, _log);
        var (other, _) = CryptographyExample.SignAndLog(_log, _log);
        Assert.True(CryptographyExample.Holds(statement, receipt, _agency.VerifyingKey, _log.VerifyingKey));
        Assert.False(CryptographyExample.Holds(other, receipt, _log.VerifyingKey, _log.VerifyingKey));
        Assert.False(CryptographyExample.Holds(statement, receipt, _agency.VerifyingKey, _agency.VerifyingKey));
    }

    [Fact]
    public void Evidence_is_told_or_what_is_wrong_with_it()
    {
        using var story = new Story().Send();
        Assert.Equal("from north-police to harbour-shelter: Sent, responsible: north-police", ProtocolExample.Tell(story.Bundle(), story.Fingerprint));
        Assert.StartsWith("does not hold: ", ProtocolExample.Tell(story.Bundle()[..^1], story.Fingerprint), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_note_is_sealed_and_opened_or_refused()
    {
        using var recipient = HybridIdentity.Create();
        using var file = new MemoryStream();
        var referral = Guid.CreateVersion7(Noon);
        var promised = await SealingExample.SealAsync(file, recipient.PublicKey, _agency, referral, Noon);
        Assert.Equal("""{"text":"A place is free."}""", SealingExample.Open(file, recipient, _agency.VerifyingKey, referral, promised));
        Assert.Equal("refused: InnerSignatureInvalid", SealingExample.Open(file, recipient, _log.VerifyingKey, referral, promised));
    }

    [Fact]
    public async Task A_feed_is_followed_from_where_it_was_left()
    {
        using var ca = new Certificates();
        using var server = Certificates.Issue(ca);
        await using var hub = await FarSide.StartAsync(server, ca.Ca, http => http.Response.Body.WriteAsync(Encoding.ASCII.GetBytes(
            $$"""{"items":[{"n":4,"statements":["{{Seen().Jws.Token}}"],"event":"AA","opening":"{{new string('0', 64)}}"}]}"""), http.RequestAborted).AsTask());
        using var client = hub.Connect(ca.Spki);
        var kept = new List<long>();
        Assert.Equal(4, await ClientExample.FollowAsync(
            client,
            after: 3,
            item =>
            {
                kept.Add(item.Position);
                return Task.CompletedTask;
            },
            TestContext.Current.CancellationToken));
        Assert.Equal([4], kept);

        using var connected = ClientExample.Connect(new Uri("https://hub.test/"), new DirectoryKit().Genesis, server);
        Assert.NotNull(connected);
    }

    private SignedStatement Seen() => SignedStatement.Sign(_agency, new Acknowledgement
    {
        Issuer = AgencyId.Parse("shelter-east"),
        IssuedAt = Noon,
        Directory = new TreeHead(1, Digest.Of([1])),
        AuditLog = new TreeHead(1, Digest.Of([1])),
        Referral = Guid.CreateVersion7(Noon),
        After = Digest.Of([2]),
        Act = HandoffAct.Delivered,
    });
}
