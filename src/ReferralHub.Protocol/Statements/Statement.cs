using System.Text.Json.Serialization;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>What an agency, or the hub, says and signs. Spec: docs/protocol.md §3.2.</summary>
public abstract record Statement
{
    /// <summary>Who says it.</summary>
    [JsonPropertyName("iss"), JsonPropertyOrder(-4)]
    public required AgencyId Issuer { get; init; }

    /// <summary>When, by the issuer's clock, in whole seconds. Clocks of the field count the hub's time instead.</summary>
    [JsonPropertyName("iat"), JsonPropertyOrder(-3)]
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>The directory log as the issuer last saw it.</summary>
    [JsonPropertyName("dir"), JsonPropertyOrder(-2)]
    public required TreeHead Directory { get; init; }

    /// <summary>The audit log as the issuer last saw it.</summary>
    [JsonPropertyName("log"), JsonPropertyOrder(-1)]
    public required TreeHead AuditLog { get; init; }

    /// <summary>What it is.</summary>
    public abstract StatementKind Kind { get; }

    /// <summary>The referral it is about, if any.</summary>
    public virtual Guid? About => null;

    /// <summary>Whether the members agree with each other, beyond what their types say.</summary>
    internal virtual bool IsWellFormed => true;

    internal static bool NoneTwice<T>(IReadOnlyCollection<T> list) => list.Count > 0 && list.Distinct().Count() == list.Count;

    internal static bool InOrder(IReadOnlyList<ClearCategory> list) =>
        list.Count > 0 && list.Zip(list.Skip(1)).All(pair => pair.First < pair.Second);
}

/// <summary>A statement about a referral that already exists.</summary>
public abstract record FollowUp : Statement
{
    /// <summary>The referral.</summary>
    [JsonPropertyName("ref")]
    public required Guid Referral { get; init; }

    /// <summary>Id of the last state-setting statement that the issuer had seen there: the optimistic lock.</summary>
    public required Cryptography.Encodings.Digest After { get; init; }

    /// <inheritdoc/>
    public override Guid? About => Referral;
}

/// <summary>A sealed part as the statement that carries it names it.</summary>
/// <param name="Part">Which part.</param>
/// <param name="Sha256">Digest of the age file.</param>
/// <param name="Size">Length of the age file in bytes.</param>
public sealed record SealedPart(Part Part, Cryptography.Encodings.Digest Sha256, long Size);
