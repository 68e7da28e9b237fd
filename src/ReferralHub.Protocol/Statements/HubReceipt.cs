using System.Text.Json.Serialization;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>
/// The hub's word that a statement took effect and is committed. <see cref="Statement.IssuedAt"/> is the hub's time,
/// the one that clocks count. Spec: docs/protocol.md §3.3.
/// </summary>
public sealed record HubReceipt : Statement
{
    /// <summary>Id of the statement.</summary>
    [JsonPropertyName("statement")]
    public required Digest StatementId { get; init; }

    /// <summary>The audit log's leaf for it, 34 bytes as 68 lowercase hex digits: what the log must show later.</summary>
    public required string Leaf { get; init; }

    /// <summary>The referral, if it is about one.</summary>
    [JsonPropertyName("ref")]
    public Guid? Referral { get; init; }

    /// <summary>The referral's state after it.</summary>
    public HandoffState? State { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.HubReceipt;

    /// <inheritdoc/>
    public override Guid? About => Referral;

    internal override bool IsWellFormed =>
        Issuer == AgencyId.Hub && (Referral is null) == (State is null)
        && Leaf.Length == 68 && Leaf.All(char.IsAsciiHexDigitLower);
}
