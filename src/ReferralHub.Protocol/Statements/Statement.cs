using System.Text.Json.Serialization;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Handoffs;
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

    /// <summary>What it does to that referral; null when it does nothing to it.</summary>
    public virtual HandoffAct? Does => null;

    /// <summary>The statement that it comes after, if it comes after one.</summary>
    public virtual Digest? Follows => null;

    /// <summary>The sealed parts that travel with it.</summary>
    public virtual IReadOnlyList<SealedPart> Brings => [];

    /// <summary>The sealed part that it is about, one that came earlier.</summary>
    public virtual (Part Part, Digest Sha256)? Concerns => null;

    /// <summary>Who said it for the issuer; null when no single person did.</summary>
    public virtual Handle? Person => null;

    /// <summary>Whether the members agree with each other, beyond what their types say.</summary>
    internal virtual bool IsWellFormed => true;

    internal static bool IsOne(IReadOnlyList<SealedPart>? parts, Part? due) =>
        due is { } part ? parts is [{ Size: > 0 } only] && only.Part == part : parts is null;

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
    public required Digest After { get; init; }

    /// <inheritdoc/>
    public override Guid? About => Referral;

    /// <inheritdoc/>
    public override Digest? Follows => After;
}

/// <summary>A sealed part as the statement that carries it names it.</summary>
/// <param name="Part">Which part.</param>
/// <param name="Sha256">Digest of the age file.</param>
/// <param name="Size">Length of the age file in bytes.</param>
public sealed record SealedPart(Part Part, Digest Sha256, long Size);
