using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Cryptography.Log;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// Fetches the log's proof for every statement that took effect, ours and others', and checks all of it: the event, the
/// commitment that the hub signed for, the inclusion, the checkpoint, and that this checkpoint belongs to the one history that
/// we follow. Spec: docs/protocol.md §4.4, §4.6.
/// </summary>
internal sealed partial class CheckReceipts(HubClient hub, FollowDirectory directory, FollowAuditLog audit, TimeProvider clock, ILogger<CheckReceipts> log)
{
    private const int AtOnce = 64;

    // What the hub does not have, or has erased, and we do not hand in: asked for once by this process, so that it keeps nothing else from being proved.
    private readonly HashSet<long> _lacking = [];

    /// <summary>Checks the oldest statements that are not proved yet.</summary>
    /// <returns>How many were proved.</returns>
    public async Task<int> RunAsync(GatewayDb db, CancellationToken ct)
    {
        var unproved = await db.Statements.AsNoTracking()
            .Where(s => s.Fate == Fate.Effective && s.LogIndex == null && !_lacking.Contains(s.Order)).OrderBy(s => s.Order).Take(AtOnce).ToListAsync(ct);
        var proved = 0;
        foreach (var statement in unproved)
        {
            try
            {
                if (await hub.GetReceiptAsync(statement.Id, ct) is not { } receipt) continue;
                await KeepAsync(db, statement, receipt, await FaultAsync(db, statement, receipt, ct), ct);
                proved++;
            }
            catch (HubRefusedException e)
            {
                NoReceipt(log, statement.Id, e.Problem.Name);
                var isGone = e.Problem.Name switch
                {
                    "record-erased" => true, // what we keep of it still verifies
                    "not-found" => !await Resubmit.RunAsync(db, statement, clock, ct),
                    _ => false,
                };
                if (isGone) _lacking.Add(statement.Order);
            }
        }

        return proved;
    }

    private async Task<string?> FaultAsync(GatewayDb db, KeptStatement statement, LogReceipt receipt, CancellationToken ct)
    {
        var genesis = directory.Current.Genesis;
        var head = await db.LogHeads.AsNoTracking().SingleAsync(h => h.Log == HubLog.Audit, ct);
        if (Check(statement, receipt, genesis, head.Number, out var checkpoint) is { } fault) return fault;

        if (checkpoint!.Size > head.Size)
        {
            await audit.RunAsync(db, hub, genesis, ct);
            head = await db.LogHeads.AsNoTracking().SingleAsync(h => h.Log == HubLog.Audit, ct);
        }

        return checkpoint.Size <= head.Size && await FollowAuditLog.ContinuesAsync(hub, new TreeHead(checkpoint.Size, checkpoint.Root), head.Head, ct)
            ? null
            : "checkpoint-of-another-history";
    }

    /// <summary>What is wrong with a receipt as far as it can be told offline, as a code; null when nothing is. Pure.</summary>
    internal static string? Check(KeptStatement statement, LogReceipt receipt, Genesis genesis, int log, out Checkpoint? checkpoint)
    {
        checkpoint = null;
        if (!AuditEvent.TryRead(receipt.Event.Span, out var audit)) return "event-malformed";
        if (audit.Event != TakeFeed.EventAbout(statement.Kind) || audit.Statement != statement.Id || audit.Kind != statement.Kind || audit.Referral != statement.Referral)
            return "event-about-another";
        if (statement.Event is { } told && !receipt.Event.Span.SequenceEqual(told)) return "event-differs-from-feed";

        var leaf = Commitment.Leaf(audit.CoarseType, receipt.Opening.Span, receipt.Event.Span);
        if (statement.HubReceipt is { } token
            && (!SignedStatement.TryRead(token, out var promise) || ((HubReceipt)promise.Statement).Leaf != Convert.ToHexStringLower(leaf)))
        {
            return "leaf-differs-from-receipt";
        }

        if (!receipt.Proof.TryVerify(MerkleTree.LeafHash(leaf), genesis.AuditLogKeyOf(log), [genesis.CosignerKey], out var shown)) return "proof-invalid";
        checkpoint = shown.Checkpoint;
        return null;
    }

    private Task KeepAsync(GatewayDb db, KeptStatement statement, LogReceipt receipt, string? fault, CancellationToken ct) => db.Write(
        async () =>
        {
            if (fault is not null)
            {
                var alarm = new Alarm
                {
                    At = clock.GetUtcNow(),
                    Code = AlarmCode.ReceiptRefused,
                    Detail = $"{statement.Id}: {fault}",
                    Log = HubLog.Audit,
                    Shown = receipt.Proof.ToArray(),
                };
                await Alarms.RaiseAsync(db, alarm, log, ct);
                return;
            }

            var kept = await db.Statements.SingleAsync(s => s.Order == statement.Order, ct);
            (kept.Event, kept.Opening) = (receipt.Event.ToArray(), receipt.Opening.ToArray());
            (kept.LogIndex, kept.Proof) = (receipt.Index, receipt.Proof.ToArray());
            if (kept.HubTime is null && AuditEvent.TryRead(receipt.Event.Span, out var audit)) kept.HubTime = audit.At;
        },
        ct);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No receipt for {Statement}: {Problem}")]
    private static partial void NoReceipt(ILogger logger, Cryptography.Encodings.Digest statement, string problem);
}
