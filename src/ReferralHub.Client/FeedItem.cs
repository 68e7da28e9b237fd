using ReferralHub.Protocol.Statements;

namespace ReferralHub.Client;

/// <summary>One thing that the other party did, as the hub passes it on. Nothing in it is checked yet. Spec: docs/protocol.md §6.</summary>
/// <param name="Position">Its place in this agency's feed, dense from 1.</param>
/// <param name="Statements">The statement that took effect; for a referral followed by its consent. None once the hub has erased it.</param>
/// <param name="Event">The audit event about it, as the bytes that the log commits to; empty once it is erased.</param>
/// <param name="Opening">Opens the log's leaf to that event, 32 bytes; empty with the event.</param>
public sealed record FeedItem(long Position, IReadOnlyList<SignedStatement> Statements, ReadOnlyMemory<byte> Event, ReadOnlyMemory<byte> Opening)
{
    /// <summary>Whether the hub has erased what was told, as a policy says; the place stays, so that no gap shows.</summary>
    public bool IsErased => Statements.Count == 0;
}
