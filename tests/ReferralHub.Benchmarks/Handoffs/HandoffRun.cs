using System.Collections.Concurrent;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.SystemTests;

namespace ReferralHub.Benchmarks.Handoffs;

/// <summary>Tells handoffs between two agencies that speak to the hub themselves, and keeps what was said in each.</summary>
internal sealed class HandoffRun(DirectPair pair)
{
    public const int AtOnce = 8;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentDictionary<Digest, TaskCompletionSource> _heard = new();
    private readonly ConcurrentQueue<IReadOnlyList<SignedStatement>> _told = new();
    private long _position;

    /// <summary>What was said in the last so many handoffs, in order.</summary>
    public IReadOnlyList<IReadOnlyList<SignedStatement>> Told(int count) => [.. _told.TakeLast(count)];

    /// <summary>Returns when so many loops are closed and all of it is in a log that the hub has signed.</summary>
    public async Task Run(int count)
    {
        using var over = new CancellationTokenSource();
        var heads = await pair.Sender.Heads(over.Token);
        var listening = Listen(over.Token);
        var last = new ConcurrentBag<Digest>();
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (_, ct) =>
        {
            var said = await Tell(heads, ct);
            _told.Enqueue(said);
            last.Add(said[^1].Id);
        });
        while (await pair.Sender.Hub.GetReceiptAsync(last.First(), CancellationToken.None) is null) await Task.Delay(Poll);
        await over.CancelAsync();
        await listening.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private async Task<IReadOnlyList<SignedStatement>> Tell((TreeHead Directory, TreeHead AuditLog) heads, CancellationToken ct)
    {
        var referral = await pair.Prepare(heads, ct);
        var sent = (Referral)referral.Statement;
        var said = new List<SignedStatement> { referral };
        var heard = _heard.GetOrAdd(referral.Id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        await pair.Sender.Hub.PostAsync(referral, ct);
        await heard.Task.WaitAsync(ct);

        await Answer(HandoffAct.Delivered, answer => answer with { By = null });
        await Answer(HandoffAct.Acknowledged, answer => answer);
        await Answer(HandoffAct.Accepted, answer => answer with { ExpectedBy = DirectPair.Now.AddDays(1) });
        await Fetch(sent.Parts[1]);
        await Answer(HandoffAct.InProgress, answer => answer);
        var note = await pair.Upload(sent.ReferralId, pair.Recipient, pair.Sender, Part.Note, [], """{"text":"SYNTHETIC"}"""u8.ToArray(), ct);
        await Answer(HandoffAct.Completed, answer => answer with { Outcome = Outcome.NeedsMet, Parts = [note] });
        await Say(pair.Sender, new SenderAct
        {
            Issuer = pair.Sender.Id,
            IssuedAt = DirectPair.Now,
            Directory = heads.Directory,
            AuditLog = heads.AuditLog,
            Referral = sent.ReferralId,
            After = said[^1].Id,
            Act = HandoffAct.LoopClosed,
            By = DirectPair.By,
        });
        return said;

        Task Answer(HandoffAct act, Func<Acknowledgement, Acknowledgement> with) => Say(pair.Recipient, with(new Acknowledgement
        {
            Issuer = pair.Recipient.Id,
            IssuedAt = DirectPair.Now,
            Directory = heads.Directory,
            AuditLog = heads.AuditLog,
            Referral = sent.ReferralId,
            After = said[^1].Id,
            Act = act,
            By = DirectPair.By,
        }));

        async Task Say(DirectAgency agency, Statement statement)
        {
            var signed = agency.Sign(statement);
            await agency.Hub.PostAsync(signed, ct);
            said.Add(signed);
        }

        async Task Fetch(SealedPart part)
        {
            using var file = new MemoryStream();
            var request = pair.Recipient.Sign(new ReleaseRequest
            {
                Issuer = pair.Recipient.Id,
                IssuedAt = DirectPair.Now,
                Directory = heads.Directory,
                AuditLog = heads.AuditLog,
                Referral = sent.ReferralId,
                After = said[^1].Id,
                Part = part.Part,
                Sha256 = part.Sha256,
                Purpose = Purpose.Protection,
                By = DirectPair.By,
            });
            await pair.Recipient.Hub.DownloadPartAsync(request, part.Size, file, ct);
        }
    }

    // The recipient's feed, as its gateway reads it.
    private async Task Listen(CancellationToken ct)
    {
        while (true)
        {
            foreach (var item in await pair.Recipient.Hub.GetFeedAsync(_position, TimeSpan.FromSeconds(20), ct))
            {
                _position = item.Position;
                _heard.GetOrAdd(item.Statements[0].Id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            }
        }
    }
}
