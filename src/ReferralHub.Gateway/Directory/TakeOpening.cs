using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Cryptography.Log;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Directory;

namespace ReferralHub.Gateway.Directory;

/// <summary>
/// Follows a restored hub into its new audit log, when the first event of that names the log followed so far with all that was
/// seen of it. From then on all is proved anew, and whatever the hub lacks shows. Spec: docs/protocol.md §4.7.
/// </summary>
internal static class TakeOpening
{
    public static async Task RunAsync(
        GatewayDb db, HubClient hub, Genesis genesis, LogHead head, (SignedCheckpoint Checkpoint, int Number) shown, TimeProvider clock, ILogger log, CancellationToken ct)
    {
        FormerLog? last = null;
        for (var number = head.Number + 1; number <= shown.Number; number++)
        {
            // Not in the log yet: the next round asks again.
            if (await hub.GetOpeningAsync(number, ct) is not { } receipt) return;
            last = Check(receipt, genesis, number, shown) ?? throw new HubAnswerException($"What the hub shows as the opening of audit log {number} does not hold.");
            if (number == head.Number + 1 && await ContradictsAsync(db, head, last, shown, clock, log, ct)) return;
        }

        await db.Write(
            async () =>
            {
                var kept = await db.LogHeads.SingleAsync(h => h.Log == HubLog.Audit, ct);
                (kept.Number, kept.Size, kept.Root) = (shown.Number, shown.Checkpoint.Checkpoint.Size, shown.Checkpoint.Checkpoint.Root);
                kept.Note = shown.Checkpoint.Bytes.ToArray();
                (await db.Bindings.SingleAsync(ct)).FeedPosition = 0;
                await db.Statements.ExecuteUpdateAsync(set => set.SetProperty(s => s.LogIndex, (long?)null), ct);
                // A promise about a leaf whose opening nobody has is not kept to the letter: the event is what counts now.
                await db.Statements.Where(s => s.Event == null).ExecuteUpdateAsync(set => set.SetProperty(s => s.HubReceipt, (string?)null), ct);
                await Alarms.RaiseAsync(db, NewAlarm(AlarmCode.HubRestored, $"audit log {shown.Number}: {last!.Kept} kept, {last.Returned} came back", head, shown, clock), log, ct);
            },
            ct);
    }

    // The receipt's own checkpoint is of the same log: it may be a little older or newer than the one shown.
    private static FormerLog? Check(LogReceipt receipt, Genesis genesis, int number, (SignedCheckpoint Checkpoint, int Number) shown) =>
        AuditEvent.TryRead(receipt.Event.Span, out var opened) && opened.Event == AuditEventCode.LogOpened && opened.Former is { } former
        && former.Origin == genesis.Origin.AuditLogOf(number - 1) && receipt.Index == shown.Number - number
        && receipt.Proof.TryVerify(
            MerkleTree.LeafHash(Commitment.Leaf(opened.CoarseType, receipt.Opening.Span, receipt.Event.Span)),
            genesis.AuditLogKeyOf(shown.Number), [genesis.CosignerKey], out _)
            ? former
            : null;

    // What we saw of the former log must be in what the hub names. Where a person has looked at it, we go on.
    private static async Task<bool> ContradictsAsync(
        GatewayDb db, LogHead head, FormerLog former, (SignedCheckpoint Checkpoint, int Number) shown, TimeProvider clock, ILogger log, CancellationToken ct)
    {
        AlarmCode? code = former.Size < head.Size ? AlarmCode.LogRolledBack : former.Size == head.Size && former.Root != head.Root ? AlarmCode.LogForked : null;
        if (code is not { } wrong) return false;
        var detail = $"audit log {head.Number} at {former.Size}, we hold {head.Size}";
        if (await db.Alarms.AnyAsync(a => a.Code == wrong && a.Detail == detail && a.ClearedAt != null, ct)) return false;
        await db.Write(() => Alarms.RaiseAsync(db, NewAlarm(wrong, detail, head, shown, clock), log, ct), ct);
        return true;
    }

    private static Alarm NewAlarm(AlarmCode code, string detail, LogHead head, (SignedCheckpoint Checkpoint, int Number) shown, TimeProvider clock) => new()
    {
        At = clock.GetUtcNow(),
        Code = code,
        Detail = detail,
        Log = HubLog.Audit,
        Held = head.Note,
        Shown = shown.Checkpoint.Bytes.ToArray(),
    };
}
