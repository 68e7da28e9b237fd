using ReferralHub.Cryptography.Log;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Restoring;

/// <summary>A statement of which is proved that the hub had taken it, and when.</summary>
/// <param name="Signed">The statement.</param>
/// <param name="At">The hub's time of it.</param>
/// <param name="Directory">The directory of then.</param>
/// <param name="Event">Its event, if somebody has it.</param>
/// <param name="Opening">The event's opening.</param>
/// <param name="Receipt">The hub's answer of then.</param>
/// <param name="Index">Its place in the log of then, if it is proved.</param>
internal sealed record Returned(
    SignedStatement Signed, DateTimeOffset At, TreeHead Directory, byte[]? Event, byte[]? Opening, SignedStatement? Receipt, long? Index)
{
    /// <summary>
    /// What was brought, if it proves itself: an event that a checkpoint of an earlier log or the hub's own receipt commits to,
    /// else that receipt alone. An agency's word about when something took effect counts for nothing. Spec: docs/protocol.md §4.7.
    /// </summary>
    public static Returned? Of(HandedIn brought, Genesis genesis, int opening)
    {
        if (!SignedStatement.TryRead(brought.Token, out var signed) || signed.Id != brought.Statement) return null;
        var receipt = ReceiptOf(brought, signed, genesis);
        if (Proved(brought, receipt, genesis, opening, out var index) is { } happened && IsAbout(happened, signed))
            return new(signed, happened.At, happened.Directory, brought.Event, brought.Opening, receipt, index);
        return receipt?.Statement is HubReceipt promised ? new(signed, promised.IssuedAt, promised.Directory, null, null, receipt, null) : null;
    }

    private static SignedStatement? ReceiptOf(HandedIn brought, SignedStatement signed, Genesis genesis) =>
        brought.Receipt is { } token && SignedStatement.TryRead(token, out var receipt)
        && receipt.Statement is HubReceipt promised && promised.StatementId == signed.Id && receipt.Jws.IsSignedBy(genesis.Hub)
            ? receipt
            : null;

    private static AuditEvent? Proved(HandedIn brought, SignedStatement? receipt, Genesis genesis, int opening, out long? index)
    {
        index = null;
        if (brought is not { Event: { } bytes, Opening: { Length: Commitment.OpeningSize } open } || !AuditEvent.TryRead(bytes, out var happened)) return null;
        var leaf = Commitment.Leaf(happened.CoarseType, open, bytes);
        if (TlogProof.TryParse(brought.Proof, out var proof)
            && genesis.TryOpenAuditCheckpoint(proof.Note.Span, out _, out var number) && number < opening
            && proof.TryVerify(MerkleTree.LeafHash(leaf), genesis.AuditLogKeyOf(number), [genesis.CosignerKey], out _))
        {
            index = proof.Index;
            return happened;
        }

        return receipt?.Statement is HubReceipt promised && promised.Leaf == Convert.ToHexStringLower(leaf) ? happened : null;
    }

    private static bool IsAbout(AuditEvent happened, SignedStatement signed) =>
        happened.Event is AuditEventCode.StatementRecorded or AuditEventCode.PartReleased && happened.Statement == signed.Id;
}
