using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Audit;

/// <summary>What happened. Spec: docs/protocol.md §4.4.</summary>
public enum AuditEventCode
{
    /// <summary>A statement took effect.</summary>
    StatementRecorded,

    /// <summary>The hub handed over a sealed part.</summary>
    PartReleased,

    /// <summary>An agency asked for what it may not have.</summary>
    Refused,

    /// <summary>The directory grew.</summary>
    DirectoryCheckpoint,

    /// <summary>A party took an evidence bundle.</summary>
    EvidenceExported,

    /// <summary>The hub erased a sealed part when its time had come.</summary>
    PartErased,

    /// <summary>The operator made an invitation.</summary>
    AgencyInvited,

    /// <summary>An agency used one.</summary>
    AgencyJoined,

    /// <summary>A coordinator looked at the board.</summary>
    BoardRead,

    /// <summary>An auditor read the trail.</summary>
    TrailRead,

    /// <summary>An agency came back by its recovery key.</summary>
    AgencyRecovered,

    /// <summary>An agency got a new client certificate in exchange for the one it had.</summary>
    CertificateRenewed,

    /// <summary>The operator lets an agency in no longer.</summary>
    AgencySuspended,

    /// <summary>The operator lets it in again.</summary>
    AgencyResumed,

    /// <summary>A hub that was restored from a backup opened this log; always its first event.</summary>
    LogOpened,

    /// <summary>The operator gave up telling an agency of a statement.</summary>
    MessageDropped,

    /// <summary>The hub erased events, with what they are about, as a policy says: of them only their leaves remain.</summary>
    Erased,
}

/// <summary>The log that a restored hub does not continue, and what it took over. Spec: docs/protocol.md §4.7.</summary>
/// <param name="Origin">Its origin.</param>
/// <param name="Size">Events in the newest head of it that anybody showed.</param>
/// <param name="Root">The root of that head.</param>
/// <param name="Kept">How many events the backup had: in the new log they follow the first one in their old order.</param>
/// <param name="Returned">How many came back from gateways: they follow those.</param>
public sealed record FormerLog(string Origin, long Size, Digest Root, long Kept, long Returned);

/// <summary>One event of the audit log, in clear. The log itself holds only a commitment to it. Spec: docs/protocol.md §4.4.</summary>
public sealed record AuditEvent
{
    /// <summary>What happened.</summary>
    public required AuditEventCode Event { get; init; }

    /// <summary>When, by the hub's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The directory as the hub held it.</summary>
    [JsonPropertyName("dir")]
    public required TreeHead Directory { get; init; }

    /// <summary>Who acted; absent when the hub or its operator did.</summary>
    public AgencyId? Agency { get; init; }

    /// <summary>The referral.</summary>
    [JsonPropertyName("ref")]
    public Guid? Referral { get; init; }

    /// <summary>Id of the statement.</summary>
    public Digest? Statement { get; init; }

    /// <summary>Its kind.</summary>
    public StatementKind? Kind { get; init; }

    /// <summary>The act it stated.</summary>
    public HandoffAct? Act { get; init; }

    /// <summary>The referral's state after it.</summary>
    public HandoffState? State { get; init; }

    /// <summary>The problem type that answered.</summary>
    public string? Refusal { get; init; }

    /// <summary>What the consent check said.</summary>
    public ConsentDecision? Decision { get; init; }

    /// <summary>The part handed over or refused.</summary>
    public Part? Part { get; init; }

    /// <summary>Digest of that part, or of the one erased.</summary>
    public Digest? Sha256 { get; init; }

    /// <summary>Who of the hub's own people acted, where it was one.</summary>
    public Handle? By { get; init; }

    /// <summary>Digest of the manifest exported.</summary>
    public Digest? Manifest { get; init; }

    /// <summary>What came before the log that this event opens.</summary>
    public FormerLog? Former { get; init; }

    /// <summary>Which events were erased: their leaves' places, counted without the events with which restored hubs opened the log.</summary>
    public IReadOnlyList<long>? Places { get; init; }

    /// <summary>By which policy's rule, as <c>id@version</c>.</summary>
    public string? Rule { get; init; }

    /// <summary>What that person asked for: <c>name=value</c>, separated by spaces.</summary>
    public string? Query { get; init; }

    /// <summary>The byte that the log shows of it.</summary>
    public byte CoarseType => Event switch
    {
        AuditEventCode.StatementRecorded => 1,
        AuditEventCode.PartReleased => 2,
        AuditEventCode.Refused => 3,
        AuditEventCode.DirectoryCheckpoint => 4,
        AuditEventCode.EvidenceExported or AuditEventCode.PartErased or AuditEventCode.AgencyInvited or AuditEventCode.AgencyJoined
            or AuditEventCode.BoardRead or AuditEventCode.TrailRead or AuditEventCode.AgencyRecovered or AuditEventCode.CertificateRenewed or AuditEventCode.AgencySuspended or AuditEventCode.AgencyResumed
            or AuditEventCode.LogOpened or AuditEventCode.MessageDropped or AuditEventCode.Erased => 5,
    };

    /// <summary>The bytes that are committed to.</summary>
    public byte[] ToBytes() => StrictJson.Write(this);

    /// <summary>Reads an event; false unless it is exactly of the form.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out AuditEvent? value) => StrictJson.TryRead(bytes, out value);
}
