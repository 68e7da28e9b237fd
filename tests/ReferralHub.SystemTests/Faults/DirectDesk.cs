using System.Collections.Concurrent;
using ReferralHub.Client;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.SystemTests.Faults;

/// <summary>
/// Two agencies without gateways that bring referral after referral to its end. They insist: each statement is sent, the same to the
/// byte, until the hub has answered 2xx, and what it answered is their own record.
/// </summary>
internal sealed class DirectDesk(DirectPair pair)
{
    private const string Note = """{"text":"SYNTHETIC"}""";

    private static readonly Handle By = Handle.Parse("bcdf2345");
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentQueue<(AgencyId By, Digest Statement)> _acknowledged = new();
    private readonly ConcurrentQueue<Guid> _closed = new();

    /// <summary>What the hub has answered 2xx, and to whom.</summary>
    public IReadOnlyCollection<(AgencyId By, Digest Statement)> Acknowledged => _acknowledged;

    /// <summary>Referrals whose every statement it has answered so.</summary>
    public IReadOnlyCollection<Guid> Closed => _closed;

    public DirectPair Pair => pair;

    private static DateTimeOffset Now => WireTime.Whole(TimeProvider.System.GetUtcNow());

    /// <summary>Goes on with <paramref name="atOnce"/> of them side by side; each that was begun before <paramref name="end"/> is ended.</summary>
    public Task Work(int atOnce, CancellationToken end)
    {
        pair.Transfer = upload => Insist(async () =>
        {
            await upload();
            return true;
        });
        return Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
        {
            while (!end.IsCancellationRequested) await Bring();
        }));
    }

    /// <summary>All that an agency was told, read from the beginning; throws where a position is left out.</summary>
    public static async Task<IReadOnlyList<Digest>> ReadFeed(DirectAgency agency, CancellationToken ct)
    {
        var told = new List<FeedItem>();
        while (await agency.Hub.GetFeedAsync(told.Count, TimeSpan.Zero, ct) is { Count: > 0 } more) told.AddRange(more);
        return [.. told.Select(item => item.Statements[0].Id)];
    }

    private async Task Bring()
    {
        var referral = await pair.Prepare(await Insist(() => pair.Sender.Heads(CancellationToken.None)), CancellationToken.None);
        var said = (Referral)referral.Statement;
        var after = await Post(pair.Sender, referral);
        after = await Post(pair.Recipient, Recipient(said, after, HandoffAct.Delivered) with { By = null });
        after = await Post(pair.Recipient, Recipient(said, after, HandoffAct.Acknowledged));
        after = await Post(pair.Recipient, Recipient(said, after, HandoffAct.Accepted) with { ExpectedBy = Now.AddHours(4) });
        await Fetch(said, after);
        var note = await pair.Upload(said.ReferralId, pair.Recipient, pair.Sender, Part.Note, [], System.Text.Encoding.UTF8.GetBytes(Note), CancellationToken.None);
        after = await Post(pair.Recipient, Recipient(said, after, HandoffAct.Completed) with { Outcome = Outcome.NeedsMet, Parts = [note] });
        await Post(pair.Sender, new SenderAct
        {
            Issuer = pair.Sender.Id,
            IssuedAt = Now,
            Directory = said.Directory,
            AuditLog = said.AuditLog,
            Referral = said.ReferralId,
            After = after,
            Act = HandoffAct.LoopClosed,
            By = By,
        });
        _closed.Enqueue(said.ReferralId);
    }

    private Acknowledgement Recipient(Referral said, Digest after, HandoffAct act) => new()
    {
        Issuer = pair.Recipient.Id,
        IssuedAt = Now,
        Directory = said.Directory,
        AuditLog = said.AuditLog,
        Referral = said.ReferralId,
        After = after,
        Act = act,
        By = By,
    };

    // A request is good for one answer, so each try is a new one, and times have whole seconds.
    private Task<bool> Fetch(Referral said, Digest after)
    {
        var record = said.Parts.Single(part => part.Part == Part.Record);
        return Insist(async () =>
        {
            var request = pair.Recipient.Sign(new ReleaseRequest
            {
                Issuer = pair.Recipient.Id,
                IssuedAt = Now,
                Directory = said.Directory,
                AuditLog = said.AuditLog,
                Referral = said.ReferralId,
                After = after,
                Part = Part.Record,
                Sha256 = record.Sha256,
                Purpose = said.Purpose,
            });
            using var file = new MemoryStream();
            await pair.Recipient.Hub.DownloadPartAsync(request, record.Size, file, CancellationToken.None);
            return true;
        });
    }

    private Task<Digest> Post(DirectAgency agency, Statement statement) => Post(agency, agency.Sign(statement));

    private async Task<Digest> Post(DirectAgency agency, SignedStatement statement)
    {
        await Insist(() => agency.Hub.PostAsync(statement, CancellationToken.None));
        _acknowledged.Enqueue((agency.Id, statement.Id));
        return statement.Id;
    }

    private static async Task<T> Insist<T>(Func<Task<T>> request)
    {
        while (true)
        {
            try
            {
                return await request();
            }
            catch (Exception e) when (e is HubUnreachableException || (e is HubRefusedException refused && (refused.Problem.IsRetryable || refused.Problem.Name == "request-used")))
            {
                await Task.Delay(Pause);
            }
        }
    }
}
