using ReferralHub.Cryptography.Log;

namespace ReferralHub.Client;

/// <summary>The proof that a statement is in the audit log. Nothing in it is checked yet. Spec: docs/protocol.md §4.6.</summary>
/// <param name="Event">The audit event, as the bytes that the log commits to.</param>
/// <param name="Opening">Opens the leaf to that event, 32 bytes.</param>
/// <param name="Index">The leaf's place in the log, from 0.</param>
/// <param name="Proof">The inclusion proof with its checkpoint; its index is <paramref name="Index"/>.</param>
public sealed record LogReceipt(ReadOnlyMemory<byte> Event, ReadOnlyMemory<byte> Opening, long Index, TlogProof Proof);
