using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// Sends what waits in the outbox: each stream strictly in order, several streams at once. An item leaves in the transaction
/// that keeps the hub's answer. A crash between the hub's commit and ours sends it again; the statement's id makes that
/// harmless (docs/protocol.md §3.1). A refusal is final, is kept with its reasons, and undoes what we had assumed.
/// </summary>
internal sealed partial class Dispatch(
    IDbContextFactory<GatewayDb> dbs,
    HubClient hub,
    FollowDirectory directory,
    DataFolder folder,
    TimeProvider clock,
    ILogger<Dispatch> log) : IDisposable
{
    private const int StreamsAtOnce = 4;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Sends all that is due, and what becomes due by that.</summary>
    /// <param name="stream">Only this stream and what it needs, and now, even if it failed a moment ago; null for all that is due.</param>
    /// <param name="ct">Gives up; nothing is lost.</param>
    /// <returns>How many statements the hub has answered for good.</returns>
    public async Task<int> RunAsync(Guid? stream, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            var answered = 0;
            var failed = new HashSet<Guid>();
            while (await NextAsync(stream, failed, ct) is { Count: > 0 } heads)
            {
                await Parallel.ForEachAsync(
                    heads,
                    new ParallelOptions { MaxDegreeOfParallelism = StreamsAtOnce, CancellationToken = ct },
                    async (item, token) =>
                    {
                        if (await SendAsync(item, token)) Interlocked.Increment(ref answered);
                        else lock (failed) failed.Add(item.Stream);
                    });
            }

            return answered;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    // The first item of each stream, unless it must wait: for its time, or for an item of another stream.
    private async Task<IReadOnlyList<OutboxItem>> NextAsync(Guid? stream, HashSet<Guid> failed, CancellationToken ct)
    {
        await using var db = await dbs.CreateDbContextAsync(ct);
        var now = clock.GetUtcNow();
        var items = await db.Outbox.AsNoTracking().OrderBy(o => o.Id).ToListAsync(ct);
        var waiting = items.ToDictionary(o => o.Statement);
        var wanted = items.Where(o => stream is null || o.Stream == stream)
            .SelectMany(o => o.Needs is { } needs && waiting.TryGetValue(needs, out var needed) ? [needed, o] : new[] { o });
        return
        [
            .. wanted.GroupBy(o => o.Stream)
                .Select(group => items.First(o => o.Stream == group.Key))
                .Where(o => !failed.Contains(o.Stream)
                    && (stream is not null || o.NotBefore <= now)
                    && (o.Needs is not { } needs || !waiting.ContainsKey(needs))),
        ];
    }

    private async Task<bool> SendAsync(OutboxItem item, CancellationToken ct)
    {
        await using var db = await dbs.CreateDbContextAsync(ct);
        var statement = (await db.Statements.AsNoTracking().SingleAsync(s => s.Id == item.Statement, ct)).Read();
        try
        {
            foreach (var part in statement.Statement.Brings)
            {
                await using var file = File.OpenRead(folder.Part(part.Sha256));
                await hub.UploadPartAsync(part.Sha256, file, ct);
            }

            var receipt = await hub.PostAsync(statement, ct);
            if (!receipt.Jws.IsSignedBy(directory.Current.Genesis.Hub))
                throw new HubAnswerException($"The receipt for {statement.Id} is not signed by the hub.");
            await TakeEffectAsync(db, item, receipt, ct);
            return true;
        }
        catch (HubRefusedException e) when (!e.Problem.IsRetryable)
        {
            await RefuseAsync(db, item, e.Problem, ct);
            return true;
        }
        catch (Exception e) when (e is HubRefusedException or HubUnreachableException or HubAnswerException)
        {
            await PutOffAsync(db, item, e, ct);
            return false;
        }
    }

    private static Task TakeEffectAsync(GatewayDb db, OutboxItem item, SignedStatement receipt, CancellationToken ct) => db.Write(
        async () =>
        {
            var kept = await db.Statements.SingleAsync(s => s.Id == item.Statement, ct);
            (kept.Fate, kept.HubReceipt, kept.HubTime) = (Fate.Effective, receipt.Jws.Token, receipt.Statement.IssuedAt);
            db.Outbox.Remove(item);
            if (kept.Read().Statement is ConsentRevocation revocation) await CustodyOf.RevokedAsync(db, revocation, receipt.Statement.IssuedAt, ct);
            await RetellAsync(db, kept, ct);
        },
        ct);

    private Task RefuseAsync(GatewayDb db, OutboxItem item, HubProblem problem, CancellationToken ct) => db.Write(
        async () =>
        {
            var kept = await db.Statements.SingleAsync(s => s.Id == item.Statement, ct);
            (kept.Fate, kept.Problem) = (Fate.Refused, JsonSerializer.Serialize(problem, LocalJson.Options));
            db.Outbox.Remove(item);
            Refused(log, item.Statement, problem.Name);
            await RetellAsync(db, kept, ct);
        },
        ct);

    private static async Task RetellAsync(GatewayDb db, KeptStatement kept, CancellationToken ct)
    {
        if (kept.Read().Statement is not (Referral or { Does: not null })) return;
        if (await db.Referrals.SingleOrDefaultAsync(r => r.Id == kept.Referral, ct) is { } referral) await Story.RetellAsync(db, referral, ct);
    }

    private Task PutOffAsync(GatewayDb db, OutboxItem item, Exception error, CancellationToken ct) => db.Write(
        async () =>
        {
            var kept = await db.Outbox.SingleAsync(o => o.Id == item.Id, ct);
            kept.Attempts++;
            kept.LastError = error.Message;
            kept.NotBefore = clock.GetUtcNow() + Pause(kept.Attempts);
            PutOff(log, item.Statement, kept.Attempts, error);
        },
        ct);

    // Doubles, and half of it is drawn anew, so that many gateways do not come back to a restarted hub at once.
    private static TimeSpan Pause(int attempts)
    {
        var whole = FirstPause * Math.Pow(2, Math.Min(attempts, 20) - 1);
        var pause = whole < LongestPause ? whole : LongestPause;
        return (pause / 2) + TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32((int)(pause.TotalMilliseconds / 2)));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The hub refused statement {Statement}: {Problem}")]
    private static partial void Refused(ILogger logger, Digest statement, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "Statement {Statement} waits after attempt {Attempts}")]
    private static partial void PutOff(ILogger logger, Digest statement, int attempts, Exception error);
}
