using System.Text.Json.Serialization;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Directory;

/// <summary>What a jurisdiction allows, endorsed by the registrars. Spec: docs/protocol.md §4.2.</summary>
public sealed record JurisdictionPolicy
{
    /// <summary>The type of the signatures over one.</summary>
    public const string Typ = "policy+jws";

    /// <summary>Its name.</summary>
    [JsonPropertyName("policy")]
    public required PolicyId Id { get; init; }

    /// <summary>1 for the first, then one more each.</summary>
    public required int Version { get; init; }

    /// <summary>When it was written.</summary>
    [JsonPropertyName("iat")]
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>On which grounds a referral may stand.</summary>
    public required IReadOnlyList<Basis> Bases { get; init; }

    /// <summary>Days that a consent may last, 1 to 3,650.</summary>
    public required int MaxConsentDays { get; init; }

    /// <summary>How long everybody has; absent where the field's own times hold.</summary>
    public ClockTable? Clocks { get; init; }

    /// <summary>How decisions name it: <c>id@version</c>.</summary>
    public string Reference => $"{Id}@{Version}";

    /// <summary>Whether the members agree with each other, beyond what their types say.</summary>
    public bool IsWellFormed => Version >= 1 && MaxConsentDays is >= 1 and <= 3650 && Statement.NoneTwice(Bases)
        && Clocks is null or { IsWellFormed: true };
}
