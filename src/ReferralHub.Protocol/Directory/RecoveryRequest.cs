using System.Text.Json.Serialization;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Directory;

/// <summary>What the holder of a recovery key signs to read the directory at a hub that does not know it yet. Spec: docs/protocol.md §6.</summary>
public sealed record RecoveryRequest
{
    /// <summary>The type of the signature over one.</summary>
    public const string Typ = "recovery-request+jws";

    /// <summary>The hub that is asked.</summary>
    public required Origin Origin { get; init; }

    /// <summary>When; the hub takes one of the last five minutes.</summary>
    [JsonPropertyName("iat")]
    public required DateTimeOffset IssuedAt { get; init; }
}
