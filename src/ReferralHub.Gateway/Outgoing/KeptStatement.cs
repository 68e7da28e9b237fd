using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>What became of a statement.</summary>
internal enum Fate
{
    /// <summary>Ours, and the hub has not answered yet.</summary>
    Waiting,

    /// <summary>The hub has committed it.</summary>
    Effective,

    /// <summary>Ours, and the hub refused it for good. It is kept and shown.</summary>
    Refused,
}

/// <summary>A signed statement, ours or another's. The token is the truth; the rest is there to find it.</summary>
internal sealed class KeptStatement
{
    /// <summary>The order in which we wrote or received them.</summary>
    public long Order { get; init; }

    public required Digest Id { get; init; }

    public required StatementKind Kind { get; init; }

    public required Guid? Referral { get; init; }

    public required bool IsOurs { get; init; }

    /// <summary>Of an approval: id of the statement that it approves.</summary>
    public Digest? Approves { get; init; }

    public required string Token { get; init; }

    public required Fate Fate { get; set; }

    /// <summary>The hub's time of it.</summary>
    public DateTimeOffset? HubTime { get; set; }

    /// <summary>The hub's signed word that it took effect.</summary>
    public string? HubReceipt { get; set; }

    /// <summary>Of a refused one: the hub's problem as JSON, ids and codes only.</summary>
    public string? Problem { get; set; }

    /// <summary>The audit event about it, as committed to by the log.</summary>
    public byte[]? Event { get; set; }

    /// <summary>Opens the log's leaf to <see cref="Event"/>.</summary>
    public byte[]? Opening { get; set; }

    /// <summary>Its place in the audit log, once proved.</summary>
    public long? LogIndex { get; set; }

    /// <summary>The proof, a <c>c2sp.org/tlog-proof@v1</c>.</summary>
    public byte[]? Proof { get; set; }

    public SignedStatement Read() =>
        SignedStatement.TryRead(Token, out var signed) ? signed : throw new InvalidDataException($"The database holds a broken statement {Id}.");
}
